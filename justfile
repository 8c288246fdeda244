# What is done often, in plain commands.

# The dashboard on this machine; builds the sample county where there is no database
run:
    streamlit run dashboard.py

# All tests; a file's tests stay together
test *arguments:
    pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder {{arguments}}

lint:
    ruff check .
    ruff format --check .
    mypy

# The sample county into an empty database
sample *arguments:
    python -m sample_data.build {{arguments}}

# The pictures in README and docs, anew
pictures:
    python -m docs.pictures

# A measuring program: just bench pages --runs 5
bench name *arguments:
    python -m benchmarks.{{name}} {{arguments}}

# The versions that the checks run with, from what the requirements allow today
lock:
    python -m venv .venv-lock
    .venv-lock/bin/pip install --quiet --requirement benchmarks/requirements.txt --requirement benchmarks/peers/requirements.txt
    echo '# The versions that the checks run with (just lock); the requirements files say what is allowed.' > requirements.lock
    .venv-lock/bin/pip freeze >> requirements.lock
    rm -r .venv-lock
