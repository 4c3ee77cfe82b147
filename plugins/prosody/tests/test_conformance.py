from affekt_prosody.encoder import ProsodyEncoder
from affekt_testing import EncoderSuite


class TestProsody(EncoderSuite):
    component = ProsodyEncoder
    options = {"lowest": 75.0}
