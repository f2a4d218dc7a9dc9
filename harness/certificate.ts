import { generate } from 'selfsigned'

/** A certificate for 127.0.0.1 and its key, in PEM. */
export type Certificate = { readonly key: string; readonly cert: string }

/** A new self-signed certificate. */
export async function createCertificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  return { key, cert }
}
