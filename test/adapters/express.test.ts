import { adapterContract } from '@resource-guard/testing'
import express from 'express'
import { describe, it } from 'vitest'
import { expressApp } from './express-app.js'

describe('Express 5 keeps the contract', () => {
  for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(expressApp(express)))
})
