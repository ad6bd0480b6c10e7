{{/* The file of the sources beside `default`, for pods that need it. */}}
{{- define "takings.sources.env" -}}
{{- if .Values.stripe.sources.existingSecret }}
STRIPE_SOURCES_FILE: /etc/takings/sources/{{ .Values.stripe.sources.key }}
{{- end }}
{{- end }}

{{/* Takes root; keys, whether the API keys that the file refers to are needed too: then the whole Secret is mounted. */}}
{{- define "takings.sources.files" -}}
{{- with .root.Values.stripe.sources }}
{{- if .existingSecret }}
sources: { secret: {{ .existingSecret | quote }}{{ if not $.keys }}, key: {{ .key | quote }}, file: {{ .key | quote }}{{ end }} }
{{- end }}
{{- end }}
{{- end }}

{{/*
The signing secrets of the source `default`. Those that the watch of the endpoint writes are followed; those of
stripe.existingSecret then are read at the start, and may be missing. The key of the watch does not exist before its
first secret: with stripe.existingSecret the pod starts without it, because an endpoint made by hand sends already;
otherwise the pod waits for it in ContainerCreating.
*/}}
{{- define "takings.signingSecrets.env" -}}
{{- $stripe := .Values.stripe }}
{{- if eq (include "takings.endpointWatch.isDefault" .) "true" }}
STRIPE_WEBHOOK_SECRETS_FILE: /etc/takings/stripe/secrets
{{- include "takings.signingSecrets.text" . }}
{{- else if $stripe.existingSecret }}
STRIPE_WEBHOOK_SECRETS_FILE: /etc/takings/stripe/secrets
{{- end }}
{{- end }}
{{- define "takings.signingSecrets.text" -}}
{{- if eq (include "takings.endpointWatch.isDefault" .) "true" }}
{{- with .Values.stripe }}
{{- if .existingSecret }}
STRIPE_WEBHOOK_SECRETS: { valueFrom: { secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ .key | quote }}, optional: true } } }
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- define "takings.signingSecrets.files" -}}
{{- with .Values.stripe }}
{{- if eq (include "takings.endpointWatch.isDefault" $) "true" }}
stripe: { secret: {{ include "takings.endpointWatch.secret" $ | quote }}, key: STRIPE_WEBHOOK_SECRETS, file: secrets, optional: {{ not (empty .existingSecret) }} }
{{- else if .existingSecret }}
stripe: { secret: {{ .existingSecret | quote }}, key: {{ .key | quote }}, file: secrets }
{{- end }}
{{- end }}
{{- end }}
