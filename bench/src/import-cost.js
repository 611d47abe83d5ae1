// What it costs to import modules, in a fresh process: node --expose-gc import-cost.js <module>...
const before = performance.now()
for (const name of process.argv.slice(2)) await import(name)
const millis = performance.now() - before
globalThis.gc?.()
process.stdout.write(JSON.stringify({ millis, rss: process.memoryUsage().rss }))
