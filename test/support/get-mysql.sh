#!/usr/bin/env bash
# Brings MySQL Server into a folder; installs nothing. Debian's stable release has MariaDB only, its next one has MySQL, at the same mirror.
# Usage: get-mysql.sh, as any user. The folder is $AWSCURRENT_MYSQL or one in the temporary directory; test/support/mysql.ts looks there.
# Elsewhere than on Debian, such as on Ubuntu, $AWSCURRENT_DEBIAN says where a mirror of Debian is.
set -euo pipefail
folder=${AWSCURRENT_MYSQL:-${TMPDIR:-/tmp}/awscurrent-mysql-server}
[[ -x $folder/mysqld ]] && exit

mkdir -p "$(dirname "$folder")"
work=$(mktemp -d -p "$(dirname "$folder")")
trap 'rm -rf "$work"' EXIT

mirror=${AWSCURRENT_DEBIAN:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -1)} || true
if [[ -z $mirror ]]; then
  echo 'MySQL Server comes from a mirror of Debian, and this machine uses none: name one in AWSCURRENT_DEBIAN.' >&2
  exit 1
fi

# What Debian signs with: Ubuntu has it as a package.
keyring=usr/share/keyrings/debian-archive-keyring.gpg
if [[ -r /$keyring ]]; then
  keyring=/$keyring
else
  (cd "$work" && apt-get -qq download debian-archive-keyring && dpkg-deb --extract debian-archive-keyring_*.deb "$work/keys")
  keyring=$work/keys/$keyring
fi

# An apt of its own that has no package installed yet, so it brings the C library, too.
mkdir -p "$work"/apt/{lists,cache/archives}/partial "$work"/server/root
echo "deb [signed-by=$keyring] $mirror sid main" > "$work/apt/sources.list"
touch "$work/apt/status"
own_apt() {
  apt-get -qq --no-install-recommends -o APT::Sandbox::User=root -o Debug::NoLocking=true \
    -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache" "$@"
}
own_apt update
own_apt install --yes --download-only mysql-server-core > "$work/apt/log"
for package in "$work"/apt/cache/archives/*.deb; do dpkg-deb --extract "$package" "$work/server/root"; done

# The machine's own C library may be older, so the folder's loader starts the server.
cat > "$work/server/mysqld" <<'MYSQLD'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
libraries=$(echo "$root"/usr/lib/*-linux-gnu)
exec "$libraries"/ld-linux-*.so.* --library-path "$libraries:$root/usr/lib/mysql/private" "$root/usr/sbin/mysqld" "$@" \
  --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" --character-sets-dir="$root/usr/share/mysql/charsets" \
  --plugin-dir="$root/usr/lib/mysql/plugin" --secure-file-priv=NULL --mysqlx=OFF
MYSQLD
chmod a+x "$work/server/mysqld"
# The tests run it as another user than root.
chmod -R a+rX "$work/server"
# Another run may have been faster.
mv -T "$work/server" "$folder" 2> /dev/null || [[ -x $folder/mysqld ]]
