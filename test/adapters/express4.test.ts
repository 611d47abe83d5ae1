import { adapterContract } from '@resource-guard/testing'
import type express from 'express'
import { describe, it } from 'vitest'
import { expressApp } from './express-app.js'

// Express 4 stands under an alias, which has no types of its own; for what is used here they are those of Express 5.
const alias: string = 'express4'
const { default: express4 } = (await import(alias)) as { readonly default: typeof express }

describe('Express 4 keeps the contract', () => {
  for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(expressApp(express4)))
})
