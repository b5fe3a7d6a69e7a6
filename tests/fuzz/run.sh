#!/usr/bin/env bash
# Fuzzes the reader, describe and estimate: tests/fuzz/run.sh [EXECUTIONS]
#
# EXECUTIONS in all (150000), the reader taking the most as it is the fastest. Starts from the seeds in corpus/ and
# the presets; what it finds stays in build/fuzz/found/. Prints executions and coverage; fails on a crash, a leak, a
# hang of ten seconds or an answer that breaks a law.
set -euo pipefail
cd "$(dirname "$0")/../.."

executions=${1:-150000}
bin=build/fuzz/tests/fuzz
found=build/fuzz/found
mkdir -p "$found"

# fuzz TARGET SHARE
fuzz() {
  local log=build/fuzz/$1.log
  mkdir -p "$found/$1"
  if ! "$bin/fuzz_$1" -runs=$((executions * $2 / 100)) -seed=1 -dict=tests/fuzz/config.dict -max_len=6000 -timeout=10 \
    -rss_limit_mb=3000 -print_final_stats=1 -artifact_prefix="$found/$1-" "$found/$1" tests/fuzz/corpus >"$log" 2>&1; then
    tail -n 60 "$log"
    printf '%s: FAILED, its input is in %s\n' "$1" "$found"
    return 1
  fi
  printf '%-9s %s executions, %s new inputs, coverage %s\n' "$1" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$(sed -n 's/^stat::new_units_added: *//p' "$log")" \
    "$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)"
}

fuzz reader 60
fuzz describe 35
fuzz estimate 5
