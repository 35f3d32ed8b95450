/** Samples a second, as telephones have them: the least that every vendor reads. */
const RATE = 8_000
/** OpenAI refuses what is shorter than a tenth of a second, and vendors bill by whole seconds at least. */
const SECONDS = 0.5
const BYTES_PER_SAMPLE = 2

/** Half a second of silence as a WAV file: one channel of 16-bit PCM. */
export const SILENCE: Buffer = wav(Buffer.alloc(RATE * SECONDS * BYTES_PER_SAMPLE))

function wav(samples: Buffer): Buffer {
  const head = Buffer.alloc(44)
  head.write("RIFF", 0, "latin1")
  head.writeUInt32LE(36 + samples.length, 4)
  head.write("WAVEfmt ", 8, "latin1")
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE * BYTES_PER_SAMPLE, 28)
  head.writeUInt16LE(BYTES_PER_SAMPLE, 32)
  head.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34)
  head.write("data", 36, "latin1")
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}
