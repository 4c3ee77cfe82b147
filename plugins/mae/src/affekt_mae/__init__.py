"""MAE (He et al., 2022) as an encoder of faces and pictures; start reading at `encoder`."""
