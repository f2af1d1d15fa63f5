const { test } = require('node:test')
const { smoke, smokeWithoutSdk } = require('./smoke.cjs')

const load = async specifier => require(specifier)
smoke(test, 'require', load)
smokeWithoutSdk(test, 'require', load)
