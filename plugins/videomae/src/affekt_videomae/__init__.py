"""VideoMAE (Tong et al., 2022) as an encoder of moving faces and pictures; start reading at `encoder`."""
