import { adaptersMutants } from './adapters.js'
import { configurationMutants } from './configuration.js'
import { introspectionMutants } from './introspection.js'
import { keysMutants } from './keys.js'
import { requestMutants } from './request.js'
import { responseMutants } from './response.js'
import { signatureMutants } from './signature.js'
import { tokenMutants } from './token.js'

/** All of them. */
export const mutants = [
  ...tokenMutants,
  ...signatureMutants,
  ...introspectionMutants,
  ...requestMutants,
  ...responseMutants,
  ...keysMutants,
  ...configurationMutants,
  ...adaptersMutants,
]
