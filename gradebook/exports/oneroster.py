"""A sealed package as OneRoster CSV 1.2: a bulk set of files in the national profile (docs/profile-ru.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from courses.enums import WorkType
from gradebook.exports.cells import inert
from gradebook.package import Package
from network_portal.common.dates import month_label, school_year

#: Every file of the standard with its columns in the standard's order.
COLUMNS: dict[str, str] = {
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "categories": "sourcedId,status,dateLastModified,title,weight",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "classResources": "",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "courseResources": "",
    "demographics": "",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "lineItemLearningObjectiveIds": "",
    "lineItems": "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
    "categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId",
    "lineItemScoreScales": "sourcedId,status,dateLastModified,title,lineItemSourcedId,scoreScaleSourcedId",
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "resources": "",
    "resultLearningObjectiveIds": "",
    "results": "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,"
    "comment,textScore,classSourcedId,inProgress,incomplete,late,missing,metadata.ru.lessonsHeld,"
    "metadata.ru.missedTotal,metadata.ru.missedIllness,metadata.ru.missedUnexcused,metadata.ru.late",
    "resultScoreScales": "",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId",
    "scoreScales": "sourcedId,status,dateLastModified,title,type,orgSourcedId,courseSourcedId,classSourcedId,"
    "scoreScaleValue",
    "userProfiles": "",
    "userResources": "",
    "users": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,"
    "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns",
}
ATTENDANCE = "Посещаемость за месяц"
LOWEST, HIGHEST = "2", "5"
WORDS = {"зач": "зачёт", "нзч": "незачёт"}

Row = Mapping[str, Any]


def oneroster_files(package: Package) -> dict[str, str]:
    """Return the CSV files of a package by name; in a bulk set `status` and `dateLastModified` are empty."""
    rows = _Rows(package)
    files = {"manifest.csv": _manifest()}
    for name, columns in COLUMNS.items():
        if columns:
            files[f"{name}.csv"] = _csv(columns.split(","), getattr(rows, name)())
    return files


def _manifest() -> str:
    lines = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    lines += [(f"file.{name}", "bulk" if columns else "absent") for name, columns in COLUMNS.items()]
    out = io.StringIO()
    csv.writer(out).writerows([("propertyName", "value"), *lines])
    return out.getvalue()


def _csv(columns: list[str], rows: Iterator[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: inert(value) if isinstance(value, str) else value for name, value in row.items()})
    return out.getvalue()


class _Rows:
    """The rows of each file; ids are made of the host's registration number and the portal's own numbers."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.host, self.home = package["host"], package["home"]
        self.period, self.group, self.course = package["period"], package["group"], package["course"]
        self.year = school_year_of(package)
        self.month = f"{self.period['year']}-{self.period['month']:02}"
        self.prefix = self.host["ogrn"] or f"org{self.host['id']}"
        self.class_id = self._id("class", self.group["id"])
        self.works = {work_of(mark): mark for line in package["lines"] for mark in line["marks"]}
        self.scale = self._id("scale", self.group["id"])

    def _id(self, kind: str, key: Any) -> str:
        return f"{self.prefix}-{kind}-{key}"

    def _org(self, school: Row) -> str:
        return f"org-{school['ogrn'] or school['id']}"

    def _item(self, work: Any) -> str:
        return self._id("item", work)

    @property
    def _attendance(self) -> str:
        return self._id("attendance", f"{self.group['id']}-{self.month}")

    def academicSessions(self) -> Iterator[Row]:
        first, last = f"{self.year}-09-01", f"{self.year + 1}-08-31"
        whole = {"startDate": first, "endDate": last, "schoolYear": self.year + 1}
        title = f"{self.year}/{self.year + 1} учебный год"
        yield {"sourcedId": f"year-{self.year}", "title": title, "type": "schoolYear", **whole}
        yield {
            "sourcedId": f"term-{self.year}",
            "title": f"Занятия, {title}",
            "type": "term",
            "parentSourcedId": f"year-{self.year}",
            **whole,
        }
        yield {
            "sourcedId": f"month-{self.month}",
            "title": month_label(self.period["year"], self.period["month"]),
            "type": "gradingPeriod",
            "startDate": self.period["from"],
            "endDate": self.period["to"],
            "parentSourcedId": f"term-{self.year}",
            "schoolYear": self.year + 1,
        }

    def orgs(self) -> Iterator[Row]:
        for school in (self.host, self.home):
            yield {
                "sourcedId": self._org(school),
                "name": school["short_name"],
                "type": "school",
                "identifier": school["ogrn"],
            }

    def courses(self) -> Iterator[Row]:
        yield {
            "sourcedId": self._id("course", self.course["id"]),
            "schoolYearSourcedId": f"year-{self.year}",
            "title": self.course["title"],
            "orgSourcedId": self._org(self.host),
            "subjects": self.course["subject"],
            "subjectCodes": self.course["subject"],
        }

    def classes(self) -> Iterator[Row]:
        yield {
            "sourcedId": self.class_id,
            "title": self.group["name"],
            "courseSourcedId": self._id("course", self.course["id"]),
            "classType": "scheduled",
            "schoolSourcedId": self._org(self.host),
            "termSourcedIds": f"term-{self.year}",
            "subjects": self.course["subject"],
            "subjectCodes": self.course["subject"],
        }

    def _student(self, line: Row) -> str:
        return self._id("student", line["student"])

    def users(self) -> Iterator[Row]:
        for line in self.package["lines"]:
            yield {
                "sourcedId": self._student(line),
                "enabledUser": "true",
                "username": self._student(line),
                "givenName": line["first_name"],
                "familyName": line["last_name"],
                "middleName": line["patronymic"],
                "primaryOrgSourcedId": self._org(self.home),
            }

    def roles(self) -> Iterator[Row]:
        for line in self.package["lines"]:
            for role_type, school in (("primary", self.home), ("secondary", self.host)):
                yield {
                    "sourcedId": self._id(f"role-{role_type}", line["student"]),
                    "userSourcedId": self._student(line),
                    "roleType": role_type,
                    "role": "student",
                    "orgSourcedId": self._org(school),
                }

    def enrollments(self) -> Iterator[Row]:
        for line in self.package["lines"]:
            yield {
                "sourcedId": self._id("enrolment", line["enrolment"]),
                "classSourcedId": self.class_id,
                "schoolSourcedId": self._org(self.host),
                "userSourcedId": self._student(line),
                "role": "student",
                "primary": "false",
                "beginDate": line["from"],
                "endDate": line["to"] or "",
            }

    def categories(self) -> Iterator[Row]:
        weights = {mark["work_type"]: mark["weight"] for mark in self.works.values()}
        for kind, weight in sorted(weights.items()):
            yield {"sourcedId": self._id("category", kind), "title": WorkType(kind).label, "weight": weight}
        yield {"sourcedId": self._id("category", "attendance"), "title": "посещаемость", "weight": 0}

    def lineItems(self) -> Iterator[Row]:
        topics = {lesson["id"]: lesson["topic"] for lesson in self.package["lessons"]["held"]}
        common = {
            "classSourcedId": self.class_id,
            "academicSessionSourcedId": f"month-{self.month}",
            "schoolSourcedId": self._org(self.host),
        }
        for work, mark in sorted(self.works.items()):
            yield {
                **common,
                "sourcedId": self._item(work),
                "title": topics.get(mark["lesson"]) or WorkType(mark["work_type"]).label,
                "assignDate": mark["date"],
                "dueDate": mark["date"],
                "categorySourcedId": self._id("category", mark["work_type"]),
                **({"resultValueMin": LOWEST, "resultValueMax": HIGHEST} if isinstance(mark["value"], int) else {}),
            }
        yield {
            **common,
            "sourcedId": self._attendance,
            "title": ATTENDANCE,
            "assignDate": self.period["from"],
            "dueDate": self.period["to"],
            "categorySourcedId": self._id("category", "attendance"),
        }

    def results(self) -> Iterator[Row]:
        for line in self.package["lines"]:
            for mark in line["marks"]:
                yield {
                    "sourcedId": self._id("result", f"{work_of(mark)}-{line['enrolment']}"),
                    "lineItemSourcedId": self._item(work_of(mark)),
                    "studentSourcedId": self._student(line),
                    "scoreStatus": "fully graded",
                    "scoreDate": mark["date"],
                    "classSourcedId": self.class_id,
                    **score(mark["value"]),
                }
            absences = line["absences"]
            yield {
                "sourcedId": self._id("attended", f"{self.month}-{line['enrolment']}"),
                "lineItemSourcedId": self._attendance,
                "studentSourcedId": self._student(line),
                "scoreStatus": "submitted",
                "scoreDate": self.period["to"],
                "classSourcedId": self.class_id,
                "metadata.ru.lessonsHeld": line["lessons"],
                "metadata.ru.missedTotal": sum(absences.values()),
                "metadata.ru.missedIllness": absences["ill"],
                "metadata.ru.missedUnexcused": absences["unexcused"],
                "metadata.ru.late": line["late"],
            }

    def scoreScales(self) -> Iterator[Row]:
        yield {
            "sourcedId": self.scale,
            "title": "Отметки от 2 до 5",
            "type": "ru5",
            "orgSourcedId": self._org(self.host),
            "courseSourcedId": self._id("course", self.course["id"]),
            "classSourcedId": self.class_id,
            "scoreScaleValue": "{2:2},{3:3},{4:4},{5:5}",
        }

    def lineItemScoreScales(self) -> Iterator[Row]:
        for work in sorted(work for work, mark in self.works.items() if isinstance(mark["value"], int)):
            yield {
                "sourcedId": self._id("scaled", work),
                "title": "Отметки от 2 до 5",
                "lineItemSourcedId": self._item(work),
                "scoreScaleSourcedId": self.scale,
            }


def school_year_of(package: Package) -> int:
    """Return the school year of the package's month."""
    return school_year(date(package["period"]["year"], package["period"]["month"], 1))


def work_of(mark: Row) -> str:
    """Return what the mark was given for: a lesson may have several works."""
    return f"{mark['lesson']}-{mark['work']}"


def score(value: int | str) -> dict[str, str]:
    """Return a mark as the standard writes it: a number of the scale, or words for pass and fail."""
    return {"score": str(value)} if isinstance(value, int) else {"textScore": WORDS.get(value, value)}
