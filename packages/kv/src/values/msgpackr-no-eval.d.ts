// The build of msgpackr that never makes code from data; the package declares no types for it.
declare module 'msgpackr/index-no-eval' {
  export { Packr, Unpackr } from 'msgpackr'
}
