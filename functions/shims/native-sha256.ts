import { hash } from 'node:crypto'

/**
 * Stands in for `@smithy/core/checksum`: SHA-256 by Node itself, without the SDK's own implementation in
 * JavaScript, which it keeps for a Node whose OpenSSL has none.
 *
 * With a secret it is HMAC-SHA-256. `createHmac` makes a key object each time, which costs 30 µs for the short
 * texts of a signature; two plain hashes, which is how HMAC is defined, cost 5.
 * https://www.rfc-editor.org/rfc/rfc2104#section-2
 */
export class Sha256 {
  readonly digestLength = 32
  readonly #key: Uint8Array | undefined
  #chunks: Uint8Array[] = []

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) return
    const key = bytesOf(secret)
    this.#key = key.length > BLOCK_BYTES ? sha256([key]) : key
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#chunks.push(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    if (this.#key === undefined) return sha256(this.#chunks)
    return sha256([pad(this.#key, 0x5c), sha256([pad(this.#key, 0x36), ...this.#chunks])])
  }

  reset(): void {
    this.#chunks = []
  }
}

const BLOCK_BYTES = 64

function sha256(chunks: readonly Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat(chunks), 'buffer')
}

function pad(key: Uint8Array, byte: number): Uint8Array {
  const padded = new Uint8Array(BLOCK_BYTES).fill(byte)
  for (const [index, value] of key.entries()) padded[index] = value ^ byte
  return padded
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}
