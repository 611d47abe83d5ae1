const mine = 'resource-guard'
const decimals = (value) => (value < 0.1 ? 3 : value < 10 ? 2 : 1)
const show = (value) => value.toFixed(decimals(Math.abs(value)))

/** @typedef {{ what: string, target: number, atLeast?: boolean, value: number, best?: [string, number] }} Target */

/** @returns {Target[]} */
export function targets({ inProcess, throughput, imports, heap }) {
  const best = (table, pick, atLeast) => {
    const peers = Object.entries(table).filter(([name]) => !name.includes(mine)).map(([name, row]) => /** @type {[string, number]} */ ([name, pick(row)]))
    return peers.toSorted(([, a], [, b]) => (atLeast ? b - a : a - b))[0]
  }
  const cost = (what, target, table) => ({ what, target, value: table[mine].ratio, best: best(table, (row) => row.ratio, false) })
  const share = (what, target, table) => ({ what, target, atLeast: true, value: table[mine].ratio, best: best(table, (row) => row.ratio, true) })
  const core = imports['@resource-guard/core']
  return [
    cost('same token again, RS256', 0.08, inProcess.RS256.same),
    cost('same token again, ES256', 0.03, inProcess.ES256.same),
    cost('same token again, EdDSA', 0.02, inProcess.EdDSA.same),
    cost('tokens never seen before, RS256', 1.4, inProcess.RS256.fresh),
    cost('tokens never seen before, ES256', 1.15, inProcess.ES256.fresh),
    cost('zipf reuse, RS256', 0.45, inProcess.RS256.zipf),
    share('throughput left, same token, Express', 0.9, throughput.express.same),
    share('throughput left, same token, Fastify', 0.88, throughput.fastify.same),
    share('throughput left, same token, Hono', 0.85, throughput.hono.same),
    share('throughput left, tokens never seen before, Express', 0.65, throughput.express.fresh),
    share('throughput left, tokens never seen before, Fastify', 0.28, throughput.fastify.fresh),
    share('throughput left, tokens never seen before, Hono', 0.28, throughput.hono.fresh),
    { what: 'import, ms', target: 35, value: core.millis, best: best(imports, (row) => row.millis, false) },
    { what: 'import, MiB', target: 10, value: core.mebibytes, best: best(imports, (row) => row.mebibytes, false) },
    { what: 'heap after 10,000 tokens, each sent twice, MiB', target: 8, value: heap.twice },
    { what: 'heap growth under 10,000 hostile tokens, MiB', target: 0.5, value: heap.hostile },
  ]
}

/** The whole run as Markdown, which also reads well in a terminal. */
export function report({ environment, settings, results }) {
  const { inProcess, introspection, throughput, imports, heap } = results
  const parts = [
    `${environment.node} on ${environment.cpu} (${environment.cores} cores), ${environment.date}, ${settings.name} run; load average before it ${environment.load}.`,
    '### Targets',
    table(
      ['what', 'target', 'resource-guard', 'met', 'best peer in this run'],
      targets(results).map(({ what, target, atLeast, value, best }) => [
        what, `${atLeast ? '>=' : '<='} ${target}`, show(value), (atLeast ? value >= target : value <= target) ? 'yes' : 'no', best ? `${show(best[1])} ${best[0]}` : '',
      ]),
    ),
  ]
  for (const [alg, { verdicts, same, fresh, zipf }] of Object.entries(inProcess)) {
    parts.push(
      `### In process, ${alg}: cost of a token as a multiple of one \`crypto.verify\` (microseconds)`,
      table(
        ['', 'same token again', 'never seen before', ...(zipf ? ['zipf reuse'] : []), 'lets in'],
        Object.entries(verdicts).map(([name, verdict]) => [
          name, cell(same[name]), cell(fresh[name]), ...(zipf ? [cell(zipf[name])] : []), judged(verdict),
        ]),
      ),
    )
  }
  const { requests, concurrent } = settings.introspection
  parts.push(
    '### Introspection, in process: cost of a request with an opaque token as a multiple of one RS256 `crypto.verify` (microseconds), and calls',
    table(
      ['', 'same token again', `calls for ${count(requests)} of these`, `calls for ${count(concurrent)} first requests at once`, 'lets in'],
      Object.entries(introspection.verdicts).map(([name, verdict]) => [
        name, cell(introspection.warm[name]), calls(introspection.warm[name]), calls(introspection.burst[name]), judged(verdict),
      ]),
    ),
  )
  for (const [framework, { verdicts, same, fresh }] of Object.entries(throughput)) {
    parts.push(
      `### ${framework}, RS256: throughput for each second of CPU time, as a share of the unguarded server's (CPU microseconds for a request)`,
      table(['', 'same token again', 'never seen before', 'lets in'], Object.entries(verdicts).map(([name, verdict]) => [name, cell(same[name]), cell(fresh[name]), judged(verdict)])),
    )
  }
  parts.push(
    '### Import, above a process that imports nothing',
    table(['', 'ms', 'MiB'], Object.entries(imports).map(([name, { millis, mebibytes }]) => [name, show(millis), show(mebibytes)])),
    '### Heap, MiB',
    table(['', ''], [
      ['after 10,000 tokens (ES256, claims of RFC 9068), each sent once', show(heap.once)],
      ['after 10,000 tokens, each sent twice', show(heap.twice)],
      ['growth under 10,000 hostile tokens', show(heap.hostile)],
    ]),
  )
  return `${parts.join('\n\n')}\n`
}

const count = (value) => value.toLocaleString('en')
const calls = (row) => (row ? count(row.calls) : '-')
const cell = (row) => (row ? `${show(row.ratio)} (${show(row.micros)})` : '-')

/** What a contender let in that nobody may; a dash where it refused all of it. */
const judged = ({ accepts, letsIn }) => (accepts ? letsIn.join(', ') || '-' : 'refuses the good token')

function table(head, rows) {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
