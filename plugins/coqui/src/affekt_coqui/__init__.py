"""Speech by Coqui's models: XTTS, YourTTS, VITS and Tacotron 2, and conversion by FreeVC and OpenVoice.

Read in the order a model and a request take: `names` and `commands` (which models there are), `folder` (what is in one)
and `loading` (an engine of it); `speaker` (the component), `plan` with `wording` and `controls` (what the network is
given), `engine` and the families `xtts`, `vits` and `tacotron` with `characters`; `conversion` and `lending` (people's
voices), `sound` and `measure`.
"""
