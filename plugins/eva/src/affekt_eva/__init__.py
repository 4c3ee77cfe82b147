"""EVA (Fang et al., 2023) as an encoder of scenes; start reading at `encoder`."""
