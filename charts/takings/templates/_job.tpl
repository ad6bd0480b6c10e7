{{/*
A command of `takings` that runs once per release. Takes root, component, nats, postgres and env like takings.pod; job,
the job's part of the values; weight, which orders the hooks.
A hook runs before all other objects of the chart exist, so it uses only existing Secrets and an own service account.
A plain Job is named by a hash of its pod: the pod of an existing Job cannot be changed, and the revision of a release
is always 1 where a chart is only rendered, as in Argo CD.
*/}}
{{- define "takings.job" -}}
{{- $template := include "takings.jobPod" (merge (dict "hook" .job.hook "args" (list .component) "resources" .job.resources) .) }}
{{- $suffix := .job.hook | ternary .component (printf "%s-%s" .component (sha256sum $template | trunc 8)) }}
{{- $annotations := mergeOverwrite (.job.hook | ternary (include "takings.hook" .weight | fromYaml) dict) .root.Values.jobs.annotations }}
apiVersion: batch/v1
kind: Job
metadata: {{- include "takings.metadata" (dict "root" .root "component" .component "suffix" $suffix "annotations" $annotations) | nindent 2 }}
spec:
  backoffLimit: {{ .job.backoffLimit }}
  activeDeadlineSeconds: {{ .job.activeDeadlineSeconds | int64 }}
  ttlSecondsAfterFinished: {{ .job.ttlSecondsAfterFinished | int64 }}
  template: {{- $template | nindent 4 }}
{{- end }}

{{/*
A command that runs on a schedule. Takes root, component, args, nats, postgres, env and files like takings.pod; job; source,
whose name is part of the job's, if that is not `default`.
*/}}
{{- define "takings.cronJob" -}}
apiVersion: batch/v1
kind: CronJob
{{- $suffix := eq (.source | default "default") "default" | ternary .component (printf "%s-%s" .component .source) }}
{{- /* The name of a source may be longer than what is left of the 52 characters of a CronJob's name. */}}
{{- $left := sub 51 (len (include "takings.fullname" .root)) | int }}
{{- if gt (len $suffix) $left }}
{{- $suffix = printf "%s-%s" (trunc (sub $left 7 | int) $suffix | trimSuffix "-") (sha256sum $suffix | trunc 6) }}
{{- end }}
metadata: {{- include "takings.metadata" (dict "root" .root "component" .component "suffix" $suffix "annotations" .root.Values.jobs.annotations) | nindent 2 }}
spec:
  schedule: {{ .job.schedule | quote }}
  {{- with .job.timeZone }}
  timeZone: {{ . | quote }}
  {{- end }}
  suspend: {{ .job.suspend }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 600
  successfulJobsHistoryLimit: {{ .job.successfulJobsHistoryLimit }}
  failedJobsHistoryLimit: {{ .job.failedJobsHistoryLimit }}
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: {{ .job.activeDeadlineSeconds | int64 }}
      template: {{- include "takings.jobPod" (merge (dict "resources" .job.resources) .) | nindent 8 }}
{{- end }}

{{- define "takings.jobPod" -}}
{{- $pod := merge (dict "settings" .root.Values.jobs "account" (include "takings.jobAccount" .) "restartPolicy" "Never" "grace" 30) . }}
metadata: {{- include "takings.podMetadata" $pod | nindent 2 }}
spec: {{- include "takings.pod" $pod | nindent 2 }}
{{- end }}

{{/* The service account of a job. Takes root; hook, whether the job is a hook. */}}
{{- define "takings.jobAccount" -}}
{{- .root.Values.jobs.serviceAccountName | default (include "takings.account" (dict "root" .root "component" (.hook | default false | ternary "hooks" "jobs"))) }}
{{- end }}
