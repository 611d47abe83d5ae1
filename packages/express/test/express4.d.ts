// Express 4, for tests: what they use of it has the types of Express 5.
declare module 'express4' {
  export { default } from 'express'
}
