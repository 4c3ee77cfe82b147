// Sound of the microphone as 16-bit PCM, a tenth of a second at a time; the context runs at 16 kHz.
class Pcm extends AudioWorkletProcessor {
  constructor() {
    super();
    this.filled = 0;
    this.piece = new Int16Array(1600);
  }

  process([input]) {
    for (const sample of input[0] ?? []) {
      this.piece[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece.slice().buffer);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("pcm", Pcm);
