/** A clock that was set back would keep things for as long as it was set back: here time then goes on from where it was. */
export function neverBack(now: () => number): () => number {
  let last = -Infinity
  let offset = 0
  return () => {
    const time = now()
    if (time < last) offset += last - time
    last = time
    return time + offset
  }
}
