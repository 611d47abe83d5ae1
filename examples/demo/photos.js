// @ts-check
// What the API is about, the same on every framework: each tenant has an album.

const albums = new Map([
  ['acme', ['anvil.jpg', 'rocket-skates.jpg']],
  ['globex', ['volcano.jpg']],
])

/** @param {string | undefined} tenant */
export const photosOf = (tenant) => albums.get(tenant ?? '') ?? []

/** @param {string | undefined} tenant */
export const addPhoto = (tenant) => `photo-${photosOf(tenant).length + 1}.jpg`
