#!/usr/bin/env bash
# The main job from end to end on this machine: brings Weir up with its data in a temporary folder, applies
# examples/plan.yaml, publishes the six checkpoints of examples/checkpoints, pulls their averages, compares one with the
# offline merge and folds the whole log again. Leaves nothing behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d "${TMPDIR:-/tmp}/weir-main-job.XXXXXX")
up=
cleanup() {
  [ -z "$up" ] || { kill -TERM "$up" 2>/dev/null && wait "$up" || true; }
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

fail() { echo "main-job: $1" >&2; [ ! -s "$work/up.err" ] || tail -n 20 "$work/up.err" >&2; exit 1; }
port() { # a port that nothing listens on
  local p
  while p=$((20000 + RANDOM % 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do :; done
  echo "$p"
}

./weir --version
./weir up --kafka-port "$(port)" --registry-port "$(port)" --http-port "$(port)" --data "$work/data" \
  >"$work/up.out" 2>"$work/up.err" </dev/null &
up=$!
for _ in $(seq 600); do
  ready=$(grep '^ready ' "$work/up.out" || true)
  [ -z "$ready" ] || break
  kill -0 "$up" 2>/dev/null || fail "weir up ended"
  sleep 0.2
done
[ -n "$ready" ] || fail "weir up was not ready within two minutes"
echo "up: $ready"
read -r _ bootstrap registry http <<<"$ready"
at=(--bootstrap "${bootstrap#*=}" --registry "${registry#*=}" --http "${http#*=}")

./weir plan apply examples/plan.yaml "${at[@]}"
for file in examples/checkpoints/step-*.safetensors; do
  step=${file##*step-}
  step=$((10#${step%.safetensors}))
  ./weir publish --model digits --run run-1 --step "$step" "$file" "${at[@]}"
done
for channel in ema-0.9 ema-half-life swa; do
  ./weir pull --model digits --channel "$channel" --out "$work/pulled/$channel" "${at[@]}" >"$work/pull.out"
  echo "pulled: $channel $(readlink "$work/pulled/$channel/current"), $(wc -c <"$work/pulled/$channel/current/model.safetensors") bytes"
done
./weir merge --operator ema --set decay=0.9 -o "$work/merged.safetensors" examples/checkpoints/step-*.safetensors
cmp "$work/merged.safetensors" "$work/pulled/ema-0.9/current/model.safetensors" ||
  fail "the pulled ema-0.9 differs from the offline merge of the same files"
echo "merge: the offline merge of the six files is the pulled ema-0.9, byte for byte"
echo "replay: $(./weir replay --model digits --verify "${at[@]}")"
echo "done"
