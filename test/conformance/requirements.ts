import type { Chapter } from './requirement.js'
import { bearer } from './requirements/bearer.js'
import { binding } from './requirements/binding.js'
import { introspection } from './requirements/introspection.js'
import { jwt } from './requirements/jwt.js'
import { mcp } from './requirements/mcp.js'
import { metadata } from './requirements/metadata.js'
import { profiles } from './requirements/profiles.js'

/** What a resource server must do: every requirement that falls on one, or on its metadata, and what proves that this one does. */
export const requirements: readonly Chapter[] = [...bearer, ...jwt, ...introspection, ...metadata, ...binding, ...profiles, ...mcp]
