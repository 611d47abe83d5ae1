import { createTestKey, createTestSecret } from '../key.js'
import type { AppCase, AppStory } from './app.js'
import type { Guarded } from './case.js'
import { granted, invalidToken, same } from './expectation.js'
import { ALGORITHMS, SECRET, strangersKey, theIssuers, type OddKeys } from './issuers.js'

const odd = async (): Promise<OddKeys> => (await theIssuers()).odd
const keyFor = (on: Guarded, alg: string) => on.issuer.keys.find((key) => key.alg === alg) as Guarded['issuer']['keys'][number]

async function bareAsPs256() {
  const { bareRs256, bareAsPs256: key } = await odd()
  return { key, header: { kid: bareRs256.kid } }
}

/** Which keys and algorithms of an issuer count (RFC 7517, RFC 7518, RFC 8725 §3.1). */
export const algorithms: readonly (AppCase | AppStory)[] = [
  ...ALGORITHMS.map((alg) => ({
    name: `a token signed by ${alg} is let in by default`, ref: alg === 'RS256' ? 'R9068-2.1-a' : alg.startsWith('Ed') ? 'R8037/R9864-a' : 'RFC 7518 §3.1',
    setup: 'all-algorithms' as const, mint: { alg }, expect: granted,
  })),
  ...ALGORITHMS.map((alg) => ({
    name: `a token signed by ${alg} with a stranger's key is refused`, ref: 'R8725-3.3-a', setup: 'all-algorithms' as const,
    mint: async (on: Guarded) => ({ key: await strangersKey(alg), header: { kid: keyFor(on, alg).kid } }), expect: invalidToken,
  })),
  ...ALGORITHMS.filter((alg) => alg !== 'ES256').map((alg) => ({
    name: `a token signed by ${alg} is refused where only ES256 is allowed`, ref: 'R8725-3.1-a', setup: 'only-es256' as const,
    mint: { alg }, expect: invalidToken,
  })),
  {
    name: 'a token signed by the one algorithm that is allowed is let in', ref: 'R8725-3.1-a',
    setup: 'only-es256', mint: { alg: 'ES256' }, expect: granted,
  },
  {
    name: 'an algorithm allowed for one issuer is not allowed for another', ref: 'bis-3.1-c',
    setup: 'algorithms-per-issuer', expect: invalidToken,
  },
  {
    name: 'an algorithm allowed for an issuer is allowed where another is more narrow', ref: 'bis-3.1-c',
    setup: 'algorithms-per-issuer', issuer: 'algorithms', mint: { alg: 'ES256' }, expect: granted,
  },
  {
    name: 'a kid of one key with the signature of another is refused', ref: 'bis-3.1-b',
    setup: 'all-algorithms', mint: (on) => ({ alg: 'ES256', header: { kid: keyFor(on, 'RS256').kid } }), expect: invalidToken,
  },
  {
    name: 'an RSA key published for RS256 does not verify PS256', ref: 'R7517-4.4-a',
    setup: 'all-algorithms', mint: (on) => ({ alg: 'PS256', header: { kid: keyFor(on, 'RS256').kid } }), expect: invalidToken,
  },
  {
    name: 'a token says ES384 over a P-256 key and is refused', ref: 'R7518-3.4-a',
    setup: 'all-algorithms', mint: { alg: 'ES256', header: { alg: 'ES384' } }, expect: invalidToken,
  },
  {
    name: 'a token without a kid is verified by the keys that suit its algorithm', ref: 'RFC 7515 §4.1.4',
    setup: 'all-algorithms', mint: { alg: 'ES384', header: { kid: undefined } }, expect: granted,
  },
  { name: 'an ECDSA signature in DER is refused', ref: 'R7518-3.4-a', mint: { edit: { signature: der } }, expect: invalidToken },

  { name: 'a key set with junk beside a good key serves the good one', ref: 'R7517-5-a', setup: 'odd-keys', expect: granted },
  {
    name: 'a key published for encryption verifies nothing', ref: 'R7517-4.2-a',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).forEncryption }), expect: invalidToken,
  },
  {
    name: 'a key whose operations do not include verify verifies nothing', ref: 'R7517-4.2-a',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).cannotVerify }), expect: invalidToken,
  },
  {
    name: 'a symmetric key in a key set verifies nothing', ref: 'R7517-9-a',
    setup: 'odd-keys', mint: async () => ({ key: createTestSecret(SECRET, { kid: (await odd()).secretKid }) }), expect: invalidToken,
  },
  {
    name: 'an RSA key of 1024 bits verifies nothing', ref: 'R7518-3.3-a',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).weak }), expect: invalidToken,
  },
  {
    name: 'of two keys under one kid the one of the right type verifies, ES256', ref: 'R7517-4.5-a',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).twinEc }), expect: granted,
  },
  {
    name: 'of two keys under one kid the one of the right type verifies, RS256', ref: 'R7517-4.5-a',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).twinRsa }), expect: granted,
  },
  {
    name: 'an RSA key published for PS256 does not verify RS256', ref: 'R7517-4.4-a',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).onlyPs256 }), expect: invalidToken,
  },
  {
    name: 'a key published without use and alg verifies', ref: 'RFC 7517 §4',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).bare }), expect: granted,
  },
  {
    name: 'an RSA key published without alg verifies RS256 by default', ref: 'R8725-3.1-d',
    setup: 'odd-keys', mint: async () => ({ key: (await odd()).bareRs256 }), expect: granted,
  },
  {
    name: 'an RSA key published without alg does not verify PS256 by default', ref: 'R8725-3.1-d',
    setup: 'odd-keys', mint: bareAsPs256, expect: invalidToken,
  },
  {
    name: 'an RSA key published without alg verifies the first RSA algorithm that the issuer is described with', ref: 'R8725-3.1-d',
    setup: 'odd-keys-ps256', mint: bareAsPs256, expect: granted,
  },
  {
    name: 'an RSA key published without alg does not verify the second one that the issuer is described with', ref: 'R8725-3.1-d',
    setup: 'odd-keys-ps256', mint: async () => ({ key: (await odd()).bareRs256 }), expect: invalidToken,
  },

  {
    name: 'nothing that a header points at is fetched', ref: 'R7515-4.1.2/3/5-6-a',
    run: async (on) => {
      await on.check({ expect: granted })
      const before = [...on.fetched]
      const forged = { jku: 'https://stranger.test/jwks', x5u: 'https://stranger.test/cert', iss: 'https://stranger.test' }
      await on.check({ mint: { header: forged }, claims: { iss: 'https://stranger.test' }, expect: invalidToken })
      await on.check({ mint: { key: await createTestKey(), header: { ...forged, kid: on.issuer.keys[0]?.kid } }, expect: invalidToken })
      same('URLs at strangers that were fetched', on.fetched.filter((url) => url.includes('stranger')), [])
      same('what was fetched before is enough', on.fetched.slice(0, before.length), before)
    },
  },
  {
    name: 'no network is used for a token that is refused by what it says', ref: 'RFC 8725 §3.10',
    run: async (on) => {
      for (const claims of [{ iss: 'https://stranger.test' }, { aud: 'https://other.example.com' }, { exp: 1 }, { exp: undefined }, { nbf: 4_000_000_000 }]) {
        await on.check({ claims, expect: invalidToken })
      }
      for (const header of [{ typ: 'JWT' }, { alg: 'none' }, { alg: 'HS256' }, { crit: ['x'] }, { kid: 7 }]) {
        await on.check({ mint: { header }, expect: invalidToken })
      }
      await on.check({ authorization: ['Bearer abc.def.ghi'], expect: invalidToken })
      same('URLs that were fetched', on.fetched, [])
    },
  },
]

/** R||S as an ASN.1 SEQUENCE of two INTEGERs. */
function der(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2
  const integer = (bytes: Uint8Array): number[] => [2, bytes.length + 1, 0, ...bytes]
  const content = [...integer(signature.subarray(0, half)), ...integer(signature.subarray(half))]
  return new Uint8Array([0x30, content.length, ...content])
}
