"""evaluate.py TILTFILE YAML_TO_JSON...: runs a Tiltfile in the current folder.

Prints {"calls": [{"function", "line", "arguments"}], "error"}: the calls of Tilt's functions with their arguments by name.
YAML_TO_JSON is the command that converts a YAML stream to a JSON list. Names and parameters of the functions are those of
https://github.com/tilt-dev/tilt/tree/master/internal/tiltfile; a wrong one is an error, as in Tilt. What the calls mean is
decided by the reader.
"""

import functools
import inspect
import json
import subprocess
import sys
import types

from extensions import extensions
from starlark import check_syntax


class Blob:
    """Text, where a string would be the name of a file."""

    def __init__(self, text):
        self.text = text


class TiltfileError(Exception):
    pass


def tiltfile_line(filename):
    """The line of the Tiltfile that is being run, also while an extension runs."""
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != filename:
        frame = frame.f_back
    return 0 if frame is None else frame.f_lineno


def text_of(value):
    if isinstance(value, Blob):
        return value.text
    if isinstance(value, str):
        return value
    raise TiltfileError(f'Value should be a string or a blob, but is {type(value).__name__}')


def create_tilt(filename, yaml_to_json):
    """Tilt's built-in functions, and the calls that were recorded."""
    calls = []
    tilt = types.SimpleNamespace(calls=calls)

    def record(function, **arguments):
        calls.append({'function': function, 'line': tiltfile_line(filename), 'arguments': arguments})

    def recorded(function):
        """Records the call with the arguments by name; the function may replace some of them."""
        signature = inspect.signature(function)

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            result = function(*args, **kwargs)
            record(function.__name__, **{**bound.arguments, **(result or {})})

        setattr(tilt, function.__name__, wrapper)

    def parse(text):
        converted = subprocess.run(yaml_to_json, input=text, capture_output=True, text=True)
        if converted.returncode != 0:
            raise TiltfileError(f'error parsing YAML: {converted.stderr}')
        return json.loads(converted.stdout)

    def local(command, quiet=False, command_bat=None, echo_off=False, env=None, dir=None, stdin=None):
        args = ['sh', '-c', command] if isinstance(command, str) else command
        done = subprocess.run(args, capture_output=True, text=True)
        if done.returncode != 0:
            raise TiltfileError(f'command {command} failed.\nerror: exit status {done.returncode}\n{done.stderr}')
        return Blob(done.stdout)

    def fail(message):
        raise TiltfileError(message)

    tilt.record = record
    tilt.local = local
    tilt.fail = fail
    tilt.blob = Blob
    tilt.decode_yaml_stream = lambda yaml: parse(text_of(yaml))
    tilt.encode_yaml_stream = lambda objs: Blob('---\n'.join(json.dumps(each) + '\n' for each in objs))
    tilt.link = lambda url, name='': {'url': url, 'name': name}
    tilt.sync = lambda local_path, remote_path: {'step': 'sync', 'local_path': local_path}
    tilt.fall_back_on = lambda paths: {'step': 'fall_back_on', 'paths': [paths] if isinstance(paths, str) else paths}

    @recorded
    def k8s_yaml(yaml, allow_duplicates=False):
        if isinstance(yaml, str):
            with open(yaml, encoding='utf8') as file:
                yaml = Blob(file.read())
        return {'yaml': parse(text_of(yaml))}

    @recorded
    def watch_file(paths): pass

    @recorded
    def allow_k8s_contexts(contexts): pass

    @recorded
    def update_settings(max_parallel_updates=None, k8s_upsert_timeout_secs=None, suppress_unused_image_warnings=None,
                        k8s_server_side_apply=''): pass

    @recorded
    def docker_build(ref, context, build_args={}, dockerfile=None, dockerfile_contents=None, cache=None, live_update=[],
                     match_in_env_vars=False, ignore=[], only=[], entrypoint=None, container_args=None, target='', ssh=[],
                     secret=[], network='', extra_tag=[], cache_from=[], pull=False, platform='', extra_hosts=[]): pass

    @recorded
    def k8s_kind(kind, image_json_path=None, api_version='', image_object=None, pod_readiness=''): pass

    @recorded
    def k8s_resource(workload='', new_name='', port_forwards=[], extra_pod_selectors=None, trigger_mode=None,
                     resource_deps=[], objects=[], auto_init=True, pod_readiness='', links=[], labels=[],
                     discovery_strategy=''): pass

    @recorded
    def k8s_custom_deploy(name, apply_cmd, delete_cmd, deps, image_selector='', live_update=None, apply_dir=None,
                          apply_env=None, apply_cmd_bat=None, delete_dir=None, delete_env=None, delete_cmd_bat=None,
                          container_selector='', image_deps=[]): pass

    @recorded
    def local_resource(name, cmd=None, deps=[], trigger_mode=None, resource_deps=[], ignore=[], auto_init=True,
                       serve_cmd=None, cmd_bat=None, serve_cmd_bat=None, allow_parallel=False, links=[], labels=[], env={},
                       serve_env={}, readiness_probe=None, dir=None, serve_dir=None):
        if not cmd and not serve_cmd:
            raise TiltfileError('local_resource must have a cmd and/or a serve_cmd, but both were empty')

    return tilt


def run(filename, yaml_to_json):
    tilt = create_tilt(filename, yaml_to_json)
    names = {name: value for name, value in vars(tilt).items() if name not in ('calls', 'record')}
    known = extensions(tilt)

    def load(path, *symbols):
        exported = known.get(path.removeprefix('ext://'), {})
        for symbol in symbols:
            if symbol not in exported:
                raise TiltfileError(f'load: name {symbol} not found in module {path}')
            names[symbol] = exported[symbol]

    names.update(load=load, TRIGGER_MODE_AUTO='auto', TRIGGER_MODE_MANUAL='manual')
    error = None
    try:
        with open(filename, encoding='utf8') as file:
            source = file.read()
        check_syntax(source, filename)
        exec(compile(source, filename, 'exec'), names)
    except Exception as failure:
        error = f'{filename}:{tiltfile_line_of(failure, filename)}: {failure}'
    print(json.dumps({'calls': tilt.calls, 'error': error}))


def tiltfile_line_of(failure, filename):
    lines = [0]
    trace = failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]


run(sys.argv[1], sys.argv[2:])
