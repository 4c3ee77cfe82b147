"""The formats, one a module; `affekt_exchange.announced` says what each keeps."""
