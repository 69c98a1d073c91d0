export { ENCRYPTION_OVERHEAD_BYTES, type EncryptionVersion, NONCE_BYTES, openBody, sealBody } from './body.ts'
export { type Encryption, encryptionOverheadBytes } from './encryption.ts'
export { isFrameTooLarge } from './frame.ts'
export * from './keyring.ts'
