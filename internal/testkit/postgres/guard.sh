# The guard of a throw-away cluster. $1 is the cluster's folder.
#
# Its standard input is a pipe from the process that owns the cluster. Each line
# is the id of the cluster's process that runs now, 0 when none does. The pipe
# ends when the owner is done or dead, however it died; then the guard ends that
# process, frees what it held and removes the folder.
trap '' HUP INT QUIT TERM

running=0
while read -r said; do running=$said; done

lock=$1/data/postmaster.pid
if [ "$running" -gt 0 ] && kill -QUIT "$running" 2>/dev/null; then
  turns=0
  while [ -f "$lock" ] && kill -0 "$running" 2>/dev/null && [ $turns -lt 150 ]; do
    [ $turns -eq 100 ] && kill -KILL "$running" 2>/dev/null
    turns=$((turns + 1))
    sleep 0.1
  done
fi

# A server that was killed leaves its lock, whose seventh line names a block of
# shared memory that outlives it.
if [ -f "$lock" ]; then
  block=$(sed -n '7s/^ *[0-9]* *//p' "$lock")
  [ -z "$block" ] || ipcrm -m "$block" 2>/dev/null
fi

# Orphans of a killed server may still write for a moment.
turns=0
until rm -rf "$1" 2>/dev/null || [ $turns -eq 100 ]; do
  turns=$((turns + 1))
  sleep 0.1
done
[ ! -e "$1" ]
