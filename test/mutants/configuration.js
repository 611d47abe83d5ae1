import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const configurationMutants = [
  // What can be configured
  {
    why: 'HMAC can be configured',
    file: core('token/algorithms'), tests: [test('configuration/configuration')],
    find: "'EdDSA', 'Ed25519',\n",
    replace: "'EdDSA', 'Ed25519', 'HS256',\n",
  },
  {
    why: 'a misspelt option is passed over',
    file: core('configuration-error'), tests: [test('configuration/configuration')],
    find: 'find((member) => !Object.hasOwn(known, member))',
    replace: 'find((member) => known === undefined && member)',
  },
  {
    why: 'a private key in hand is passed over',
    file: core('token/keys-in-hand'), tests: [test('token/key-sources')],
    find: 'if (secret !== -1) {',
    replace: 'if (secret < -1) {',
  },
  {
    why: 'ID tokens can be let in by their type',
    file: core('configuration/issuer'), tests: [test('configuration/configuration')],
    find: 'if (other !== undefined) throw',
    replace: "if (other === '') throw",
  },
  {
    why: 'a resource may be written in several ways',
    file: core('request/resource'), tests: [test('request/resource')],
    find: 'if (hideBraces(text) !== canonical) throw',
    replace: "if (canonical === '') throw",
  },
  {
    why: 'one scope proves a token to be for two resources',
    file: core('configuration/collisions'), tests: [test('configuration/configuration')],
    find: 'return mayEqual(one.scope, other.scope)',
    replace: 'return one === other',
  },
  {
    why: 'two further audiences may be the same for two tenants',
    file: core('configuration/check'), tests: [test('configuration/configuration')],
    find: 'some((other) => mayEqual(other, entry))',
    replace: 'some((other) => other === entry)',
  },
  {
    why: "one tenant's further audience will do for all",
    file: core('configuration/check'), tests: [test('configuration/configuration')],
    find: 'if (!variables.every((name) =>',
    replace: 'if (variables.length > 9 && variables.every((name) =>',
  },
  {
    why: 'one resource may take the tokens of another',
    file: core('configuration/collisions'), tests: [test('configuration/configuration')],
    find: 'if (stolen !== undefined) throw',
    replace: "if (stolen === '') throw",
  },
  {
    why: 'members that are inherited are read as none',
    file: core('configuration-error'), tests: [test('configuration/configuration')],
    find: ' || inheritsMembers(value)',
    replace: '',
  },
  {
    why: 'a clock in seconds lets expired tokens in',
    file: core('configuration/configuration'), tests: [test('configuration/configuration')],
    find: 'at > 1e11',
    replace: 'at > 1',
  },
  {
    why: 'two functions give two resources one proof',
    file: core('configuration/collisions'), tests: [test('resource-guard')],
    find: 'if (unread && ',
    replace: 'if (!unread && ',
  },
  {
    why: 'an alias is another resource in another case',
    file: core('configuration/collisions'), tests: [test('resource-guard')],
    find: 'mayEqual(name, foldHost(audience))',
    replace: 'mayEqual(name, audience)',
  },
]
