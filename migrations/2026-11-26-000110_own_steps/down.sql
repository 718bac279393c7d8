DROP TABLE own_steps;
