"""Check a job and print its counts: a step of a pipeline that needs no other file of this one.

    python check_job.py DIR                      a stored job
    python check_job.py ID -o DIR                one that is fetched first, from IonQ's service
    python check_job.py ID -o DIR --base-url URL     or from another, such as qartifacts serve

It exits as the commands of qartifacts do: 0 if all is good, 1 if something is wrong with the job,
2 if it, or what is asked of it, cannot be had.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

import qartifacts as qa
from qartifacts.client import DEFAULT_BASE, Service


def main(arguments: list[str] | None = None) -> int:
    """Check the job that the command line names, and return the exit status."""
    parser = argparse.ArgumentParser(description="Check a job and print its counts.")
    parser.add_argument("job", help="the directory of a stored job, or the id of one to fetch")
    parser.add_argument("-o", "--output", metavar="DIR", help="where to store what is fetched")
    parser.add_argument("--base-url", metavar="URL", default=DEFAULT_BASE)
    parser.add_argument("--register", metavar="NAME", default="output_all")
    options = parser.parse_args(arguments)
    try:
        if os.path.isdir(options.job):
            job = qa.job(options.job)
        else:
            with Service(options.base_url) as service:
                job = qa.fetch_job(options.job, options.output, service=service)
    except qa.InvalidArtifact as error:
        print(error.report)  # The record itself is wrong.
        return 1
    except (qa.QartifactsError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except ValueError as error:  # It is no id, or the directory holds another job.
        print(f"{parser.prog}: {options.job} is no directory: {error}", file=sys.stderr)
        return 2

    for file in job.files if isinstance(job, qa.FetchedJob) else ():
        if not file.ok:
            print(f"{file.path}: {file.problem or file.fate}")
            if file.report is not None:
                print(file.report)
    for report in job.reports:
        if report.findings:
            print(report)
    if not job.ok:
        return 1
    try:
        print_results(job, options.register)
    except qa.QartifactsError as error:  # It has no results, or not this register.
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def print_results(job: qa.Job, register: str) -> None:
    """Print counts, or the probabilities that an ideal simulation gives, bit 0 first."""
    results: Mapping[str, object]
    try:
        results = job.counts(register)
    except qa.MissingParameter:  # There were no shots.
        results = job.probabilities(register)
    for key, value in results.items():
        if isinstance(value, Mapping):  # A job of several circuits: those of each child.
            print(key)
            for state, number in value.items():
                print(f"  {state}  {number}")
        else:
            print(f"{key}  {value}")


if __name__ == "__main__":
    sys.exit(main())
