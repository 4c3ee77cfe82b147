"""Speech by Coqui's models: XTTS, YourTTS, VITS and Tacotron 2, and conversion by FreeVC and OpenVoice."""
