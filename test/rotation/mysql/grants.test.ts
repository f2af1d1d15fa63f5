import { expect, it } from 'vitest'
import { replayGrant } from '../../../src/rotation/mysql/grants.js'

const from = { user: 'app', host: '%' }
const to = { user: 'app_clone', host: '10.%' }

it.each([
  ['GRANT SELECT ON `db`.* TO `app`@`%`', 'GRANT SELECT ON `db`.* TO `app_clone`@`10.%`'],
  ['GRANT ALL ON *.* TO `app`@`%` WITH GRANT OPTION', 'GRANT ALL ON *.* TO `app_clone`@`10.%` WITH GRANT OPTION'],
  ['GRANT SELECT (`a TO b`) ON `x TO ``y`.`t` TO `app`@`%`', 'GRANT SELECT (`a TO b`) ON `x TO ``y`.`t` TO `app_clone`@`10.%`'],
  ["GRANT PROXY ON ''@'%' TO 'app'@'%' WITH GRANT OPTION", "GRANT PROXY ON ''@'%' TO `app_clone`@`10.%` WITH GRANT OPTION"],
  ['GRANT `role`@`%` TO `app`@`%` WITH ADMIN OPTION', 'GRANT `role`@`%` TO `app_clone`@`10.%` WITH ADMIN OPTION'],
  ['SET DEFAULT ROLE `role` FOR `app`@`%`', 'SET DEFAULT ROLE `role` FOR `app_clone`@`10.%`'],
  ['REVOKE INSERT ON `db`.* FROM `app`@`%`', 'REVOKE INSERT ON `db`.* FROM `app_clone`@`10.%`'],
  ["REVOKE INSERT ON `x TO 'app'@'%'`.* FROM `app`@`%`", "REVOKE INSERT ON `x TO 'app'@'%'`.* FROM `app_clone`@`10.%`"],
  [
    "GRANT SELECT ON `x FROM 'app'@'%' WITH y`.* TO `app`@`%`",
    "GRANT SELECT ON `x FROM 'app'@'%' WITH y`.* TO `app_clone`@`10.%`",
  ],
  ["GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*94BD'", 'GRANT USAGE ON *.* TO `app_clone`@`10.%`'],
  [
    "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*94BD' REQUIRE SUBJECT '/CN=a WITH ''b' WITH MAX_USER_CONNECTIONS 7",
    'GRANT USAGE ON *.* TO `app_clone`@`10.%` WITH MAX_USER_CONNECTIONS 7',
  ],
  [
    "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED VIA ed25519 USING 'x WITH y' OR unix_socket",
    'GRANT USAGE ON *.* TO `app_clone`@`10.%`',
  ],
])('%s is replayed as %s', (line, replayed) => {
  expect(replayGrant(line, from, to)).toBe(replayed)
})

it('a line about somebody else is not guessed at', () => {
  expect(() => replayGrant('GRANT SELECT ON `db`.* TO `other`@`%`', from, to)).toThrow(
    expect.objectContaining({ name: 'RotationRefusal' }),
  )
})
