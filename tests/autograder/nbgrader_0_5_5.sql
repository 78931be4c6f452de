-- A gradebook that nbgrader 0.5.5 made: the class of tests/support/classroom.py, three students, one marked by hand.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO "alembic_version" VALUES('724cde206c17');
CREATE TABLE assignment (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	duedate DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "assignment" VALUES('242831fb5e264ae699f55496afd5ed15','mini','2026-03-01 00:00:00.000000');
CREATE TABLE comment (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_comment TEXT, 
	manual_comment TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES solution_cell (id)
);
INSERT INTO "comment" VALUES('0e8d956286cc4c9f94a65f883bf48583','6bf6279314c041a18359ec15134c10ea','a1d17ad4c998487bafba824825e9b784',NULL,NULL);
INSERT INTO "comment" VALUES('6366cd5a9b8240f6a8300924bae0f8fe','6bf6279314c041a18359ec15134c10ea','d355052166a74c24889e5cb20ddab777',NULL,NULL);
INSERT INTO "comment" VALUES('7caa7e6381c74564a1b127b75a620d1a','6bf6279314c041a18359ec15134c10ea','4458d5c468074ea7ba1857d78c9c674e',NULL,NULL);
INSERT INTO "comment" VALUES('5a171431d49f477fa5884386a526962f','fa34c4a50b024fe9a4432f9b3228d6f1','a1d17ad4c998487bafba824825e9b784',NULL,NULL);
INSERT INTO "comment" VALUES('b3cd1aa5193f4c099de5fede1e430053','fa34c4a50b024fe9a4432f9b3228d6f1','d355052166a74c24889e5cb20ddab777',NULL,NULL);
INSERT INTO "comment" VALUES('6d569fb2017e4fb3b6e67b24a6117f96','fa34c4a50b024fe9a4432f9b3228d6f1','4458d5c468074ea7ba1857d78c9c674e',NULL,NULL);
INSERT INTO "comment" VALUES('9d58452711ec41fdad186c9204105c99','da4f6d504fdf45dea0d9783e8f78ce68','a1d17ad4c998487bafba824825e9b784',NULL,NULL);
INSERT INTO "comment" VALUES('c79f21434ee34b8c91b75c8e97854f37','da4f6d504fdf45dea0d9783e8f78ce68','d355052166a74c24889e5cb20ddab777',NULL,NULL);
INSERT INTO "comment" VALUES('b3b1c74e86ae4a359bfec3e80fcda846','da4f6d504fdf45dea0d9783e8f78ce68','4458d5c468074ea7ba1857d78c9c674e',NULL,'well said');
CREATE TABLE grade (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_score FLOAT, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	needs_manual_grade BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES grade_cell (id), 
	CHECK (needs_manual_grade IN (0, 1))
);
INSERT INTO "grade" VALUES('a751d02a72b54c07b7998083fd2e5b29','6bf6279314c041a18359ec15134c10ea','ad0203d2770b4665962ea2f3e60f49b0',4.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('78520f89f9714617bd7be0fa1cd16bf8','6bf6279314c041a18359ec15134c10ea','9792e33294bf4da99e6ef935aff66fbb',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('bec0e1ce41a24b09aee8667ef68e8cbc','6bf6279314c041a18359ec15134c10ea','6164696c974544b894a2d481cf1ac257',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('1912f125029b4cca93c3a7d494254627','fa34c4a50b024fe9a4432f9b3228d6f1','ad0203d2770b4665962ea2f3e60f49b0',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('af50c0f29074431b8265eb06b0ce9713','fa34c4a50b024fe9a4432f9b3228d6f1','9792e33294bf4da99e6ef935aff66fbb',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('4181bb2cf5b94133abe272655bbf7f3f','fa34c4a50b024fe9a4432f9b3228d6f1','6164696c974544b894a2d481cf1ac257',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('d6334b2277c24385aad8d55a692f4373','da4f6d504fdf45dea0d9783e8f78ce68','ad0203d2770b4665962ea2f3e60f49b0',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('bf7419370f4e40c988bd7e1c3dd4d55b','da4f6d504fdf45dea0d9783e8f78ce68','9792e33294bf4da99e6ef935aff66fbb',0.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('646a3413a6874221924cf622bc1fd348','da4f6d504fdf45dea0d9783e8f78ce68','6164696c974544b894a2d481cf1ac257',NULL,3.0,0.5,0);
CREATE TABLE grade_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	CONSTRAINT grade_cell_type CHECK (cell_type IN ('code', 'markdown')), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "grade_cell" VALUES('ad0203d2770b4665962ea2f3e60f49b0','test_double',4.0,'code','08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "grade_cell" VALUES('9792e33294bf4da99e6ef935aff66fbb','test_mean',2.0,'code','08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "grade_cell" VALUES('6164696c974544b894a2d481cf1ac257','essay',3.0,'markdown','08ffc4f02e7c474399a0f2eb5aae17fc');
CREATE TABLE notebook (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	assignment_id VARCHAR(32), 
	kernelspec VARCHAR(1024), 
	PRIMARY KEY (id), 
	UNIQUE (name, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);
INSERT INTO "notebook" VALUES('08ffc4f02e7c474399a0f2eb5aae17fc','mini','242831fb5e264ae699f55496afd5ed15','{}');
CREATE TABLE solution_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "solution_cell" VALUES('a1d17ad4c998487bafba824825e9b784','double','08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "solution_cell" VALUES('d355052166a74c24889e5cb20ddab777','mean','08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "solution_cell" VALUES('4458d5c468074ea7ba1857d78c9c674e','essay','08ffc4f02e7c474399a0f2eb5aae17fc');
CREATE TABLE source_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	source TEXT, 
	checksum VARCHAR(128), 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	CONSTRAINT source_cell_type CHECK (cell_type IN ('code', 'markdown')), 
	CHECK (locked IN (0, 1)), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "source_cell" VALUES('9f15f307a71a4aa3addab66881dabca9','given','code',1,'LIMIT = 100
numbers = [float(line) for line in open("data/numbers.csv")]
',NULL,'08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "source_cell" VALUES('1b0839eae2a64dd9a9449c42c3e4b944','double','code',0,'def double(x):
    raise NotImplementedError("write me")
',NULL,'08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "source_cell" VALUES('4726b62166ba425caa6adc659347f5a3','test_double','code',1,'from course.checks import Checks

checks = Checks("double", points=4)
with checks("small"):
    assert double(3) == 6, f"double(3) is {double(3)}"
### BEGIN HIDDEN TESTS
with checks("large"):
    assert double(LIMIT) == 200, f"double(100) is {double(LIMIT)}"
### END HIDDEN TESTS
checks.score()
',NULL,'08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "source_cell" VALUES('cfe78d8b37ed434eb586fb525c71eae0','mean','code',0,'def mean(values):
    raise NotImplementedError("write me")
',NULL,'08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "source_cell" VALUES('88af016c7e624ed6ab013e6a9a18db83','test_mean','code',1,'### BEGIN HIDDEN TESTS
assert mean(numbers) == 2
### END HIDDEN TESTS
',NULL,'08ffc4f02e7c474399a0f2eb5aae17fc');
INSERT INTO "source_cell" VALUES('f9c3cdc1062b4668b3b4e513087ea4dd','essay','markdown',0,'YOUR ANSWER HERE',NULL,'08ffc4f02e7c474399a0f2eb5aae17fc');
CREATE TABLE student (
	id VARCHAR(128) NOT NULL, 
	first_name VARCHAR(128), 
	last_name VARCHAR(128), 
	email VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "student" VALUES('ada','Ada','Old','ada@x.edu');
INSERT INTO "student" VALUES('ben','Ben','Old','ben@x.edu');
INSERT INTO "student" VALUES('dan','Dan','Old','dan@x.edu');
CREATE TABLE submitted_assignment (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	student_id VARCHAR(128), 
	timestamp DATETIME, 
	extension DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (assignment_id, student_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(student_id) REFERENCES student (id)
);
INSERT INTO "submitted_assignment" VALUES('d18be7d640044c5fb4296863ee3c0b80','242831fb5e264ae699f55496afd5ed15','ada','2026-03-01 10:00:00.000000',NULL);
INSERT INTO "submitted_assignment" VALUES('8abaccdee2c14ede93b8da4768186220','242831fb5e264ae699f55496afd5ed15','ben','2026-03-01 10:00:00.000000',NULL);
INSERT INTO "submitted_assignment" VALUES('56ed80b308474f43b3995a17d1e98575','242831fb5e264ae699f55496afd5ed15','dan','2026-03-01 10:00:00.000000',NULL);
CREATE TABLE submitted_notebook (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	notebook_id VARCHAR(32), 
	flagged BOOLEAN, 
	late_submission_penalty FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (notebook_id, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id), 
	CHECK (flagged IN (0, 1))
);
INSERT INTO "submitted_notebook" VALUES('6bf6279314c041a18359ec15134c10ea','d18be7d640044c5fb4296863ee3c0b80','08ffc4f02e7c474399a0f2eb5aae17fc',0,NULL);
INSERT INTO "submitted_notebook" VALUES('fa34c4a50b024fe9a4432f9b3228d6f1','8abaccdee2c14ede93b8da4768186220','08ffc4f02e7c474399a0f2eb5aae17fc',0,NULL);
INSERT INTO "submitted_notebook" VALUES('da4f6d504fdf45dea0d9783e8f78ce68','56ed80b308474f43b3995a17d1e98575','08ffc4f02e7c474399a0f2eb5aae17fc',0,NULL);
COMMIT;
