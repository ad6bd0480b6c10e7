{{- define "takings.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/*
At most 38 characters, because the name of a CronJob may have 52 and the longest component of one has 13. A longer name
is cut and ends with a hash of all of it, so that two names with the same beginning stay different.
*/}}
{{- define "takings.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full := .Values.fullnameOverride | default (contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name)) }}
{{- if gt (len $full) 38 }}
{{- $full = printf "%s-%s" (trunc 31 $full | trimSuffix "-") (sha256sum $full | trunc 6) }}
{{- end }}
{{- trimSuffix "-" $full }}
{{- end }}

{{/* The labels of selectors, which are immutable. Takes root and component. */}}
{{- define "takings.selector" -}}
app.kubernetes.io/name: {{ include "takings.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Takes root, component and, to add some, labels. */}}
{{- define "takings.labels" -}}
{{- $labels := dict
  "app.kubernetes.io/part-of" "takings"
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") }}
{{- $selector := include "takings.selector" . | fromYaml }}
{{- mergeOverwrite $labels .root.Values.commonLabels (.labels | default dict) $selector | toYaml }}
{{- end }}

{{/*
Name, labels and annotations of an object. Takes root and component; suffix, the end of the name, if that is not the
component, or whole, if the object belongs to all components; labels and annotations, to add some.
*/}}
{{- define "takings.metadata" -}}
name: {{ include "takings.fullname" .root }}{{ if not .whole }}-{{ .suffix | default .component }}{{ end }}
labels: {{- include "takings.labels" . | nindent 2 }}
{{- with mergeOverwrite (dict) .root.Values.commonAnnotations (.annotations | default dict) }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Annotations of an object that exists before all others: what jobs need first, then the jobs. Takes the weight. */}}
{{- define "takings.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "takings.image" -}}
{{- with .Values.image }}
{{- $name := .repository }}
{{- if .registry }}{{ $name = printf "%s/%s" .registry .repository }}{{ end }}
{{- if .digest }}{{ printf "%s@%s" $name .digest }}{{ else }}{{ printf "%s:%s" $name (default $.Chart.AppVersion .tag) }}{{ end }}
{{- end }}
{{- end }}
