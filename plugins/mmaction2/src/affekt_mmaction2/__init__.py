"""Backbones of MMAction2 (2020) as encoders of moving pictures; start reading at `encoder`."""
