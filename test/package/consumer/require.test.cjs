const { test } = require('node:test')
const { smoke, smokeWithoutPeers } = require('./smoke.cjs')

const load = async specifier => require(specifier)
smoke(test, 'require', load)
smokeWithoutPeers(test, 'require', load)
