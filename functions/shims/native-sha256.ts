import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'

/**
 * Replaces `@smithy/core/checksum` with Node's own SHA-256 and HMAC. The SDK also has an implementation in JavaScript,
 * for a Node whose OpenSSL has none.
 */
export class Sha256 {
  readonly digestLength = 32
  // A latin1 string: given bytes, Node builds a KeyObject for each call, which takes 9 µs.
  readonly #secret: string | undefined
  #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret).toString('latin1')
    this.#hash = this.#start()
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#start()
  }

  #start(): Hash | Hmac {
    if (this.#secret === undefined) return createHash('sha256')
    return createHmac('sha256', this.#secret, { encoding: 'latin1' })
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}
