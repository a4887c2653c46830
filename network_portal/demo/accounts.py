"""The accounts of the demonstration that a visitor may sign in with, shown at the start and on the sign-in page."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "demo-portal-2026"
DOMAIN = "demo.example"


@dataclass(frozen=True)
class DemoAccount:
    """A row of the table: whom one signs in as."""

    who: str
    login: str
    password: str = PASSWORD

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


ACCOUNTS = (
    DemoAccount("Родитель: ребёнок учится в группе по физике, окончил курс математики", "parent1"),
    DemoAccount("Обучающийся из той же группы", "pupil1"),
    DemoAccount("Родитель: может подать заявление", "parent20"),
    DemoAccount("Заместитель директора, МАОУ СОШ № 7", "deputy7"),
    DemoAccount("Ответственный за сетевое взаимодействие, МАОУ СОШ № 7", "responsible7"),
    DemoAccount("Учитель-куратор, МАОУ СОШ № 7", "curator7"),
    DemoAccount("Классный руководитель 10 «А», МАОУ СОШ № 7", "class7"),
    DemoAccount("Директор, МАОУ СОШ № 7", "director7"),
    DemoAccount("Заместитель директора, МАОУ гимназия № 40", "deputy40"),
    DemoAccount("Координатор, МАОУ гимназия № 40", "coordinator40"),
    DemoAccount("Сетевой учитель, МАОУ гимназия № 40", "teacher40"),
    DemoAccount("Директор, МАОУ гимназия № 40", "director40"),
    DemoAccount("Секретарь координационного совета", "secretary"),
    DemoAccount("Заместитель директора, МАОУ лицей № 12", "deputy12"),
    DemoAccount("Директор, МАОУ лицей № 12", "director12"),
    DemoAccount("Технический администратор", "admin"),
)
