#!/bin/sh
# Installs the Debian packages named by its arguments, for root, without letting any of them start a
# service or make a database: development and tests run servers of their own.
set -eu

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/piga.conf

tidy() {
	rm -f "$cluster"
	if [ -n "${ours:-}" ]; then rm -f "$policy"; fi
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM

# Packages ask this program whether they may start what they bring. A policy of the machine's own stays.
if [ ! -e "$policy" ]; then
	ours=yes
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi
mkdir -p "${cluster%/*}"
echo 'create_main_cluster = false' >"$cluster"

export DEBIAN_FRONTEND=noninteractive
apt() {
	said=$(apt-get -o DPkg::Lock::Timeout=300 -q -y "$@" 2>&1 </dev/null) || {
		echo "$said"
		return 1
	}
}
# Old lists may still do, so a failing update is not the end.
apt update || true
apt --no-install-recommends install "$@"
