import { describe, expect, it } from 'vitest'
import { type Grant, grantStatement, grantsBeyond, grantText, readGrant } from '../../../src/rotation/mysql/grants.js'

const from = { user: 'app', host: '%' }
const to = { user: 'app_clone', host: '10.%' }
const read = (...lines: string[]): Grant[] => lines.map(line => readGrant(`${line} TO \`app\`@\`%\``, from))

it.each([
  ['GRANT SELECT ON `db`.* TO `app`@`%`', 'GRANT SELECT ON `db`.* TO `app_clone`@`10.%`'],
  ['GRANT ALL ON *.* TO `app`@`%` WITH GRANT OPTION', 'GRANT ALL ON *.* TO `app_clone`@`10.%` WITH GRANT OPTION'],
  ['GRANT USAGE ON `db`.* TO `app`@`%` WITH GRANT OPTION', 'GRANT USAGE ON `db`.* TO `app_clone`@`10.%` WITH GRANT OPTION'],
  ['GRANT SELECT (`a TO b`) ON `x TO ``y`.`t` TO `app`@`%`', 'GRANT SELECT (`a TO b`) ON `x TO ``y`.`t` TO `app_clone`@`10.%`'],
  [
    'GRANT SELECT, SELECT (`a`, `b,``)`), INSERT ON `d ON e`.`t` TO `app`@`%`',
    'GRANT SELECT, SELECT (`a`), SELECT (`b,``)`), INSERT ON `d ON e`.`t` TO `app_clone`@`10.%`',
  ],
  [
    'GRANT EXECUTE ON PROCEDURE `d`.`p` TO `app`@`%` WITH GRANT OPTION',
    'GRANT EXECUTE ON PROCEDURE `d`.`p` TO `app_clone`@`10.%` WITH GRANT OPTION',
  ],
  ["GRANT PROXY ON ''@'%' TO 'app'@'%' WITH GRANT OPTION", "GRANT PROXY ON ''@'%' TO `app_clone`@`10.%` WITH GRANT OPTION"],
  [
    'GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `app`@`%` WITH GRANT OPTION',
    'GRANT BACKUP_ADMIN, CLONE_ADMIN ON *.* TO `app_clone`@`10.%` WITH GRANT OPTION',
  ],
  ['GRANT `role`@`%` TO `app`@`%` WITH ADMIN OPTION', 'GRANT `role`@`%` TO `app_clone`@`10.%` WITH ADMIN OPTION'],
  ['GRANT `a ON b`@`%`,`c`@`%` TO `app`@`%`', 'GRANT `a ON b`@`%`, `c`@`%` TO `app_clone`@`10.%`'],
  ['SET DEFAULT ROLE `role` FOR `app`@`%`', 'SET DEFAULT ROLE `role` FOR `app_clone`@`10.%`'],
  ['REVOKE INSERT ON `db`.* FROM `app`@`%`', 'REVOKE INSERT ON `db`.* FROM `app_clone`@`10.%`'],
  ["REVOKE INSERT ON `x TO 'app'@'%'`.* FROM `app`@`%`", "REVOKE INSERT ON `x TO 'app'@'%'`.* FROM `app_clone`@`10.%`"],
  [
    "GRANT SELECT ON `x FROM 'app'@'%' WITH y`.* TO `app`@`%`",
    "GRANT SELECT ON `x FROM 'app'@'%' WITH y`.* TO `app_clone`@`10.%`",
  ],
  ["GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*94BD'", 'GRANT USAGE ON *.* TO `app_clone`@`10.%`'],
  [
    "GRANT PROCESS ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*94BD' REQUIRE SUBJECT '/CN=a WITH ''b' WITH GRANT OPTION MAX_USER_CONNECTIONS 7",
    'GRANT PROCESS ON *.* TO `app_clone`@`10.%` WITH GRANT OPTION',
  ],
  [
    "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED VIA ed25519 USING 'x WITH GRANT OPTION' OR unix_socket WITH MAX_USER_CONNECTIONS 7",
    'GRANT USAGE ON *.* TO `app_clone`@`10.%`',
  ],
])('%s is said of another account as %s', (line, said) => {
  expect(grantStatement(readGrant(line, from), to)).toBe(said)
})

it.each([
  ['PACKAGE', ''],
  ['PACKAGE BODY', ' WITH GRANT OPTION'],
])('a grant on a %s is said in the mode of Oracle, which no other statement sees', (kind, end) => {
  const said = grantStatement(readGrant(`GRANT EXECUTE ON ${kind} \`d\`.\`it's\` TO \`app\`@\`%\`${end}`, from), to)
  expect(said).toBe(
    `SET STATEMENT sql_mode = 'ORACLE,NO_BACKSLASH_ESCAPES' FOR EXECUTE IMMEDIATE 'GRANT EXECUTE ON ${kind} \`d\`.\`it''s\` TO \`app_clone\`@\`10.%\`${end}'`,
  )
})

it.each(['GRANT SELECT ON `db`.* TO `other`@`%`', 'DENY SELECT ON `db`.* TO `app`@`%`'])('%s is not guessed at', line => {
  expect(() => readGrant(line, from)).toThrow(expect.objectContaining({ name: 'RotationRefusal' }))
})

describe('what grants have beyond others', () => {
  const beyond = (grants: Grant[], others: Grant[]) => grantsBeyond(grants, others).map(grantText)

  it('is told privilege by privilege and column by column, of the same object alone', () => {
    const grants = read('GRANT SELECT (`a`, `b`), INSERT ON `d`.`t`', 'GRANT SELECT ON `d`.*', 'GRANT USAGE ON *.*')
    expect(beyond(grants, read('GRANT SELECT (`b`) ON `d`.`t`', 'GRANT SELECT ON `d`.`t`'))).toEqual([
      'SELECT (`a`), INSERT ON `d`.`t`',
      'SELECT ON `d`.*',
    ])
  })

  it('is nothing where the others have all privileges on an object, but for the right to pass them on', () => {
    const others = read('GRANT ALL PRIVILEGES ON `d`.*')
    expect(beyond(read('GRANT SELECT, CREATE VIEW ON `d`.*'), others)).toEqual([])
    const passing = readGrant('GRANT SELECT ON `d`.* TO `app`@`%` WITH GRANT OPTION', from)
    expect(beyond([passing], others)).toEqual(['GRANT OPTION ON `d`.*'])
  })

  it('is a role or a dynamic privilege with its option, where the others have it without', () => {
    const [role, admin] = ['', ' WITH ADMIN OPTION'].map(end => readGrant(`GRANT \`r\` TO \`app\`@\`%\`${end}`, from)) as [
      Grant,
      Grant,
    ]
    expect(beyond([admin], [role])).toEqual(['`r` WITH ADMIN OPTION'])
    expect(beyond([role], [admin])).toEqual([])
    const passing = readGrant('GRANT X_ADMIN ON *.* TO `app`@`%` WITH GRANT OPTION', from)
    expect(beyond([passing], read('GRANT X_ADMIN ON *.*'))).toEqual(['X_ADMIN ON *.* WITH GRANT OPTION'])
  })
})
