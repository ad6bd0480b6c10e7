#!/bin/sh
# Creates the Secrets of Takings, NATS and Grafana without the External Secrets Operator. Existing ones are kept, so it
# may be repeated. Passwords are generated, and only ever in files that this user alone can read.
#
#   STRIPE_WEBHOOK_SECRETS=… STRIPE_API_KEY=… ACCESS_KEY_ID=… SECRET_ACCESS_KEY=… sh k8s/production/create-secrets.sh
#
# STRIPE_WEBHOOK_SECRETS: the endpoint's signing secret. STRIPE_API_KEY: a restricted key that may read.
# ACCESS_KEY_ID and SECRET_ACCESS_KEY: credentials of the bucket for backups. Each is needed while its Secret is missing.
# DATABASE_CLUSTER: only after a restore; replaces takings-postgres by URLs of that cluster.
# Needs kubectl and openssl.
set -eu
umask 077
takings=${TAKINGS_NAMESPACE:-takings}
nats=${NATS_NAMESPACE:-nats}
monitoring=${MONITORING_NAMESPACE:-monitoring}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# absent NAMESPACE NAME: there is no such Secret. Ends the script when the cluster does not answer.
absent() {
  found=$(kubectl --namespace "$1" get secret "$2" --ignore-not-found --output name) || exit 1
  [ -z "$found" ]
}

# put KEY VALUE: a key of the Secret that is created next.
put() { printf %s "$2" >"$work/$1"; }

# create NAMESPACE NAME [TYPE]: a Secret with what was put.
create() {
  kubectl --namespace "$1" create secret generic "$2" --type "${3:-Opaque}" --from-file "$work"
  rm "$work"/*
}

# password: a new one. A letter first: the configuration of NATS would read digits as a number.
password() {
  random=$(openssl rand -hex 24) || return 1
  printf 'p%s' "$random"
}

# read_key NAMESPACE NAME KEY: a value of an existing Secret. Assign it before use: `set -e` ignores a command that fails
# among the arguments of another.
read_key() {
  encoded=$(kubectl --namespace "$1" get secret "$2" --output "jsonpath={.data.$3}") || return 1
  if [ -z "$encoded" ]; then
    echo "the Secret $2 in the namespace $1 has no key $3; delete the Secret, and run this again" >&2
    return 1
  fi
  printf %s "$encoded" | base64 -d
}

if absent "$takings" takings-stripe; then : "${STRIPE_WEBHOOK_SECRETS:?is not set}" "${STRIPE_API_KEY:?is not set}"; fi
if absent "$takings" takings-backup; then : "${ACCESS_KEY_ID:?is not set}" "${SECRET_ACCESS_KEY:?is not set}"; fi

if absent "$takings" takings-stripe; then
  put STRIPE_WEBHOOK_SECRETS "$STRIPE_WEBHOOK_SECRETS"
  put STRIPE_API_KEY "$STRIPE_API_KEY"
  create "$takings" takings-stripe
fi
if absent "$takings" takings-backup; then
  put ACCESS_KEY_ID "$ACCESS_KEY_ID"
  put SECRET_ACCESS_KEY "$SECRET_ACCESS_KEY"
  create "$takings" takings-backup
fi
if absent "$takings" takings-api; then
  value=$(password)
  put API_TOKENS "$value"
  create "$takings" takings-api
fi

# The pods' Secret comes first, so that NATS gets the same passwords also when an earlier run was interrupted.
if absent "$takings" takings-nats; then
  for user in admin ingress consumer purger reconcile; do
    value=$(password)
    put "$user" "$value"
  done
  create "$takings" takings-nats
fi
if absent "$nats" nack-user; then
  value=$(password)
  put username nack
  put password "$value"
  create "$nats" nack-user
fi
if absent "$nats" nats-users; then
  for user in admin ingress consumer purger reconcile; do
    value=$(read_key "$takings" takings-nats "$user")
    put "$user" "$value"
  done
  value=$(read_key "$nats" nack-user password)
  put nack "$value"
  create "$nats" nats-users
fi

# The logins' Secrets come first, for the same reason.
for login in migrator consumer query prune purge reconcile grafana; do
  if absent "$takings" "takings-db-$login"; then
    value=$(password)
    put username "takings_$login"
    put password "$value"
    create "$takings" "takings-db-$login" kubernetes.io/basic-auth
  fi
  kubectl --namespace "$takings" label secret "takings-db-$login" cnpg.io/reload=true --overwrite
done
if [ -n "${DATABASE_CLUSTER:-}" ] || absent "$takings" takings-postgres; then
  for login in migrator consumer query prune purge reconcile; do
    value=$(read_key "$takings" "takings-db-$login" password)
    put "$login" "postgres://takings_$login:$value@${DATABASE_CLUSTER:-takings-db}-rw:5432/takings?sslmode=verify-full"
  done
  # Deleted only now that all passwords are read. A run that ends before the next line is repeated.
  kubectl --namespace "$takings" delete secret takings-postgres --ignore-not-found
  create "$takings" takings-postgres
fi
if absent "$monitoring" takings-grafana; then
  value=$(read_key "$takings" takings-db-grafana password)
  put password "$value"
  create "$monitoring" takings-grafana
fi
