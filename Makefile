# The commands a person needs. STACK chooses the stack: make up STACK=prod
STACK ?= dev
LOCAL = go run ./local

.PHONY: help up preview destroy test bench lint setup

help: ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

up: setup ## Deploy the stack to the local cloud
	$(LOCAL) up --stack $(STACK) --yes --skip-preview

preview: setup ## Show what an update of the stack would change
	$(LOCAL) preview --stack $(STACK)

destroy: setup ## Remove the stack from the local cloud
	$(LOCAL) destroy --stack $(STACK) --yes

test: setup ## Run all tests
	@tools/setup.sh tests
	tools/test.sh

bench: setup ## Measure what the project promises, side by side
	go run ./tests/bench

lint: ## Check formatting, Go, shell scripts and the Dockerfile
	tools/lint.sh

setup:
	@tools/setup.sh image
