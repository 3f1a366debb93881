// Runs the suite through a proxy and prints what became of each test: node suite_client.mjs DIRECTORY [BASE_URL]
//
// The suite's own functions run the tests and judge them; this only finds them in both of its layouts, the one that is
// on npm and the one of its repository today, and writes their outcomes down. Without a URL it lists the tests.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [root, baseUrl] = process.argv.slice(2)
const isNew = fs.existsSync(path.join(root, 'test-engine'))
const load = file => import(pathToFileURL(path.join(root, isNew ? `test-engine/${file}` : file)))
const { default: suites } = await import(pathToFileURL(path.join(root, 'tests/index.mjs')))
if (!isNew) {
  // As its command line does.
  suites.push((await load('tests/surrogate-control.mjs')).default)
}
const tests = suites.flatMap(suite =>
  suite.tests
    .filter(test => test.browser_only !== true)
    .map(test => ({ suite: suite.id, id: test.id, kind: test.kind ?? 'required' }))
)

if (baseUrl === undefined) {
  const skipped = suites.flatMap(suite => suite.tests).length - tests.length
  console.log(JSON.stringify({ suites: suites.length, skipped, tests }))
  process.exit(0)
}

const { runTests, getResults } = await load('client/runner.mjs')
const { determineTestResult } = await load(isNew ? 'lib/results.mjs' : 'lib/display.mjs')
if (isNew) {
  await runTests(suites, false, baseUrl)
} else {
  const require = createRequire(path.join(root, 'cli.mjs'))
  await runTests(suites, (await import(pathToFileURL(require.resolve('node-fetch')))).default, false, baseUrl)
}
const results = getResults()

// The signs by which the suite shows its judgements; their names are not exported by both layouts.
const NAMES = {
  '-': 'untested',
  '✅': 'pass',
  '⛔️': 'fail',
  '⚠️': 'optional_fail',
  Y: 'yes',
  N: 'no',
  '🔹': 'setup_fail',
  '⁉️': 'harness_fail',
  '⚪️': 'dependency_fail',
  '↻': 'retry'
}
for (const test of tests) {
  const sign = determineTestResult(suites, test.id, results)[2]
  test.outcome = NAMES[sign]
  if (test.outcome === undefined) throw new Error(`the suite judges ${test.id} with an unknown sign: ${sign}`)
  const result = results[test.id]
  if (Array.isArray(result)) test.said = result.join(': ')
}
fs.writeFileSync(1, JSON.stringify({ tests }) + '\n')
process.exit(0)
