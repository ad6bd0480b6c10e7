#!/bin/sh
# Creates the Secrets of Takings and NATS without the External Secrets Operator. Existing ones are kept, so it may be
# repeated. Passwords are generated, and only ever in files that this user alone can read.
#
#   STRIPE_WEBHOOK_SECRETS=… STRIPE_API_KEY=… ACCESS_KEY_ID=… SECRET_ACCESS_KEY=… sh k8s/production/create-secrets.sh
#
# STRIPE_WEBHOOK_SECRETS: the endpoint's signing secret. STRIPE_API_KEY: a restricted key that may read.
# ACCESS_KEY_ID and SECRET_ACCESS_KEY: credentials of the bucket for backups. Needs kubectl and openssl.
set -eu
umask 077
: "${STRIPE_WEBHOOK_SECRETS:?is not set}" "${STRIPE_API_KEY:?is not set}"
: "${ACCESS_KEY_ID:?is not set}" "${SECRET_ACCESS_KEY:?is not set}"
# After a restore: the name of the restored cluster, for the URLs.
cluster=${DATABASE_CLUSTER:-takings-db}
takings=${TAKINGS_NAMESPACE:-takings}
nats=${NATS_NAMESPACE:-nats}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A letter first: the configuration of NATS would read digits as a number.
password() { printf 'p%s' "$(openssl rand -hex 24)"; }

exists() { kubectl --namespace "$1" get secret "$2" >/dev/null 2>&1; }

# create NAMESPACE NAME [TYPE]: a Secret with the files of $work/NAME, each of which is a key.
create() {
  kubectl --namespace "$1" create secret generic "$2" --type "${3:-Opaque}" --from-file "$work/$2"
}

# key NAMESPACE NAME KEY: one value of an existing Secret.
key() { kubectl --namespace "$1" get secret "$2" --output "jsonpath={.data.$3}" | base64 -d; }

if ! exists "$takings" takings-stripe; then
  mkdir "$work/takings-stripe"
  printf %s "$STRIPE_WEBHOOK_SECRETS" >"$work/takings-stripe/STRIPE_WEBHOOK_SECRETS"
  printf %s "$STRIPE_API_KEY" >"$work/takings-stripe/STRIPE_API_KEY"
  create "$takings" takings-stripe
fi

if ! exists "$takings" takings-api; then
  mkdir "$work/takings-api"
  password >"$work/takings-api/API_TOKENS"
  create "$takings" takings-api
fi

if ! exists "$takings" takings-backup; then
  mkdir "$work/takings-backup"
  printf %s "$ACCESS_KEY_ID" >"$work/takings-backup/ACCESS_KEY_ID"
  printf %s "$SECRET_ACCESS_KEY" >"$work/takings-backup/SECRET_ACCESS_KEY"
  create "$takings" takings-backup
fi

# The pods' Secret comes first, so that NATS gets the same passwords also when an earlier run was interrupted.
if ! exists "$takings" takings-nats; then
  mkdir "$work/takings-nats"
  for user in admin ingress consumer purger reconcile; do password >"$work/takings-nats/$user"; done
  create "$takings" takings-nats
fi
if ! exists "$nats" nack-user; then
  mkdir "$work/nack-user"
  printf nack >"$work/nack-user/username"
  password >"$work/nack-user/password"
  create "$nats" nack-user
fi
if ! exists "$nats" nats-users; then
  mkdir "$work/nats-users"
  for user in admin ingress consumer purger reconcile; do
    key "$takings" takings-nats "$user" >"$work/nats-users/$user"
  done
  key "$nats" nack-user password >"$work/nats-users/nack"
  create "$nats" nats-users
fi

# The logins' Secrets come first, for the same reason.
for login in migrator consumer query prune purge reconcile grafana; do
  name=takings-db-$login
  exists "$takings" "$name" && continue
  mkdir "$work/$name"
  printf %s "takings_$login" >"$work/$name/username"
  password >"$work/$name/password"
  create "$takings" "$name" kubernetes.io/basic-auth
  kubectl --namespace "$takings" label secret "$name" cnpg.io/reload=true
done
if ! exists "$takings" takings-postgres; then
  mkdir "$work/takings-postgres"
  for login in migrator consumer query prune purge reconcile; do
    printf 'postgres://takings_%s:%s@%s-rw:5432/takings?sslmode=verify-full' \
      "$login" "$(key "$takings" "takings-db-$login" password)" "$cluster" >"$work/takings-postgres/$login"
  done
  create "$takings" takings-postgres
fi
