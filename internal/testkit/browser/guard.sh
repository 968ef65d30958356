# The guard of a browser. $1 is the browser's folder.
#
# Its standard input is a pipe from the process that owns the browser. Each line is
# the id of the browser's process, which leads a group of processes; 0 when none runs.
# The pipe ends when the owner is done or dead, however it died; then the guard ends
# the whole group and removes the folder.
trap '' HUP INT QUIT TERM

running=0
while read -r said; do running=$said; done

# A process that ends may still write, so the folder goes when all are gone.
turns=0
while [ "$running" -gt 0 ] && kill -KILL "-$running" 2>/dev/null && [ $turns -lt 100 ]; do
  turns=$((turns + 1))
  sleep 0.05
done
rm -rf "$1"
