"""OpenFace 2 (Baltrušaitis et al., 2018) as an encoder of action units; start reading at `encoder`."""
