{{/*
Environments are maps of name to value or `valueFrom`, because server-side apply rejects a list with a duplicate name.
They are sorted by name, which puts NATS_PASSWORD before NATS_URL and K8S_… before OTEL_…, which refer to them.
*/}}
{{- define "takings.envList" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
  {{- else }}
  {{- /* toJson, because a number of seven digits as text would be 1e+06. */}}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Environment of every service. Takes root and component. */}}
{{- define "takings.env.service" -}}
ADMIN_PORT: "9090"
LOG_LEVEL: {{ .root.Values.logLevel }}
OTEL_SERVICE_NAME: {{ .component }}
{{- with .root.Values.otel.endpoint }}
K8S_NODE: { valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
K8S_POD: { valueFrom: { fieldRef: { fieldPath: metadata.name } } }
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
OTEL_RESOURCE_ATTRIBUTES: service.namespace=takings,service.version={{ $.root.Chart.AppVersion }},k8s.namespace.name={{ $.root.Release.Namespace }},k8s.pod.name=$(K8S_POD),k8s.node.name=$(K8S_NODE)
OTEL_TRACES_SAMPLER: parentbased_traceidratio
OTEL_TRACES_SAMPLER_ARG: {{ $.root.Values.otel.sampleRatio | toString | quote }}
{{- end }}
{{- end }}

{{/*
Environment for NATS and PostgreSQL, for pods that connect to them. Takes root; nats, one of nats.users; postgres, one of
postgres.logins.
*/}}
{{- define "takings.env.servers" -}}
{{- $nats := .root.Values.nats }}
{{- with .nats }}
{{- $user := index $nats.users . }}
{{- if and $nats.existingSecret (eq $nats.authentication "password") }}
{{- $parts := splitn "://" 2 $nats.url }}
NATS_PASSWORD: { valueFrom: { secretKeyRef: { name: {{ $nats.existingSecret | quote }}, key: {{ $user.key | quote }} } } }
NATS_URL: "{{ $parts._0 }}://{{ $user.user }}:$(NATS_PASSWORD)@{{ $parts._1 }}"
{{- else }}
NATS_URL: {{ $nats.url | quote }}
{{- if $nats.existingSecret }}
NATS_CREDS_FILE: /etc/takings/nats/user.creds
{{- end }}
{{- end }}
{{- if $nats.caSecret }}
NATS_CA_FILE: /etc/takings/nats-ca/ca.crt
{{- end }}
{{- end }}
{{- $postgres := .root.Values.postgres }}
{{- with .postgres }}
{{- $login := index $postgres.logins . }}
{{- $secret := default $postgres.existingSecret $login.existingSecret }}
{{- $key := coalesce $login.urlKey $postgres.urlKey . }}
DATABASE_URL: { valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $key | quote }} } } }
{{- if $postgres.caSecret }}
DATABASE_CA_FILE: /etc/takings/postgres-ca/ca.crt
{{- end }}
{{- end }}
{{- end }}

{{/* The files for them: each is one key of a Secret. Takes the same. */}}
{{- define "takings.files.servers" -}}
{{- $nats := .root.Values.nats }}
{{- with .nats }}
{{- if and $nats.existingSecret (eq $nats.authentication "creds") }}
nats: { secret: {{ $nats.existingSecret | quote }}, key: {{ (index $nats.users .).key | quote }}, file: user.creds }
{{- end }}
{{- if $nats.caSecret }}
nats-ca: { secret: {{ $nats.caSecret | quote }}, key: {{ $nats.caKey | quote }}, file: ca.crt }
{{- end }}
{{- end }}
{{- $postgres := .root.Values.postgres }}
{{- if and .postgres $postgres.caSecret }}
postgres-ca: { secret: {{ $postgres.caSecret | quote }}, key: {{ $postgres.caKey | quote }}, file: ca.crt }
{{- end }}
{{- end }}
