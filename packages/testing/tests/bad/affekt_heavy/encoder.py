from affekt_bad.encoders import Ear


class Heavy(Ear):
    """Only its announcement is bad."""
