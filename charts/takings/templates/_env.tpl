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
  value: {{ $value | toString | quote }}
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

{{/* Environment for NATS. Takes root and user, one of nats.users. */}}
{{- define "takings.env.nats" -}}
{{- $nats := .root.Values.nats }}
{{- $user := index $nats.users .user }}
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
{{- end }}

{{/* Environment for PostgreSQL. Takes root and login, one of postgres.logins. */}}
{{- define "takings.env.postgres" -}}
{{- $postgres := .root.Values.postgres }}
{{- $login := index $postgres.logins .login }}
{{- $secret := default $postgres.existingSecret $login.existingSecret }}
{{- $key := coalesce $login.urlKey $postgres.urlKey .login }}
DATABASE_URL: { valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $key | quote }} } } }
{{- end }}

{{/* The volume with NATS credentials: one key of a Secret as a file. Takes root and user. */}}
{{- define "takings.volume.nats" -}}
{{- $nats := .root.Values.nats }}
{{- if and $nats.existingSecret (eq $nats.authentication "creds") }}
nats: { secret: {{ $nats.existingSecret | quote }}, key: {{ (index $nats.users .user).key | quote }}, file: user.creds }
{{- end }}
{{- end }}
